// announce { … } as the tables read it -> Announcement.
import type { announceTable } from './announce-table.js';
import type { Announcement } from './announcement.js';
import { writtenAttributes } from './bgp-attributes.js';
import type { Occurrence, Settings } from './settings.js';

export type WrittenAnnouncement = Settings<typeof announceTable>;

/** null: there is no block. `when` is what counts without the keyword. */
export function announcementOf(
  found: Occurrence<WrittenAnnouncement> | undefined,
  when: Announcement['when'],
): Announcement | null {
  if (found === undefined) return null;
  const settings = found.value;
  const holdDownMs = settings.value('hold_down');
  return {
    bgp: firsts(settings.all('bgp')).map(({ head: instance, settings: own }) => ({
      instance,
      attributes: writtenAttributes([own]),
    })),
    ospf: firsts(settings.all('ospf')).map(({ head: instance, settings: own }) => ({
      instance,
      metric: own.value('metric') ?? null,
      metricType: own.value('metric_type'),
      tag: own.value('tag'),
    })),
    kernelInterface: settings.value('kernel') ?? null,
    prefixLength: settings.value('prefix_length') ?? null,
    hasLocalAddresses: settings.value('local_addresses'),
    when: settings.value('when') ?? when,
    degradedBelowPercent: settings.value('degraded_below'),
    degradedMed: settings.value('degraded_med'),
    degradedMetric: settings.value('degraded_metric'),
    holdDownMs,
    holdDownMaxMs: Math.max(holdDownMs, settings.value('hold_down_max')),
    drainMs: settings.value('drain_time'),
  };
}

function firsts<T extends { readonly head: string }>(found: readonly Occurrence<T>[]) {
  const once = new Map<string, T>();
  for (const { value } of found) if (!once.has(value.head)) once.set(value.head, value);
  return [...once.values()];
}
