// vrrp_sync_group: instances that are MASTER together or not at all.
import type { Report } from './diagnostic.js';
import type { GlobalBlocks } from './global.js';
import { groupNotification, type VrrpNotification } from './notification.js';
import type { Root } from './root-table.js';

export type SyncGroup = {
  readonly name: string;
  /** Names of instances, each in one group at most. */
  readonly members: readonly string[];
  /** Who is told of its changes of state. */
  readonly notification: VrrpNotification;
};

/** Who is in two groups belongs to the first; of groups of one name the first counts. */
export function syncGroups(
  root: Root,
  globals: GlobalBlocks,
  report: Report,
): readonly SyncGroup[] {
  const taken = new Map<string, string>();
  const groups: SyncGroup[] = [];
  for (const { value } of root.all('vrrp_sync_group')) {
    const { head: name, settings } = value;
    if (groups.some((group) => group.name === name)) continue;
    const members: string[] = [];
    for (const { value: entries } of settings.all('group')) {
      for (const { value: names, position } of entries) {
        for (const member of names) {
          const other = taken.get(member);
          if (other === name) continue;
          if (other === undefined) {
            taken.set(member, name);
            members.push(member);
            continue;
          }
          const message = `${member} is in vrrp_sync_group ${other} already, and not in ${name}`;
          report.error('config.duplicate', position, message);
        }
      }
    }
    groups.push({ name, members, notification: groupNotification(settings, globals) });
  }
  return groups;
}
