// track_group: instances that are in FAULT as long as a static address, route or rule that names
// the group is not there.
import type { Root } from './root-table.js';

export type TrackGroup = { readonly name: string; readonly instances: readonly string[] };

/** Those that static entries name; of groups of one name the first counts. */
export function usedTrackGroups(root: Root): readonly TrackGroup[] {
  const used = new Set([
    ...linesOf(root.all('static_ipaddress')).map(({ options }) => options.track_group),
    ...linesOf(root.all('static_routes')).map(({ options }) => options.track_group),
    ...linesOf(root.all('static_rules')).map(({ track_group: group }) => group),
  ]);
  const groups = new Map<string, TrackGroup>();
  for (const { value } of root.all('track_group')) {
    const { head: name, settings } = value;
    if (!used.has(name) || groups.has(name)) continue;
    const instances = linesOf(settings.all('group')).flat();
    groups.set(name, { name, instances });
  }
  return [...groups.values()];
}

type Line<V> = { readonly value: V };

function linesOf<V>(blocks: readonly Line<readonly Line<V>[]>[]): readonly V[] {
  return blocks.flatMap(({ value }) => value.map((line) => line.value));
}
