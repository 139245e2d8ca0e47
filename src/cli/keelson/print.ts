// A daemon's status as a person reads it.

import type { InstanceStatus, Status } from '../../daemon/status.js';
import type { WorkerStatistics } from '../../dataplane/dataplane.js';
import { duration } from './duration.js';
import { announcementLines } from './print-announcements.js';
import { bfdLines } from './print-bfd.js';
import { bgpLines } from './print-bgp.js';
import { serviceLines } from './print-services.js';

export function printStatus(status: Status): string {
  return [
    `router ${status.routerId}${status.instance === null ? '' : `, instance ${status.instance}`}`,
    '',
    ...vrrpLines(status),
    ...bfdLines(status.bfd),
    ...bgpLines(status.bgp),
    ...serviceLines(status),
    ...announcementLines(status.announcements),
    ...dataplaneLines(status),
    timerLine(status),
    '',
  ].join('\n');
}

function vrrpLines({ vrrp }: Status): string[] {
  if (vrrp.length === 0) return ['VRRP: no instance', ''];
  return ['VRRP instances', ...vrrp.flatMap(instanceLines), ''];
}

function instanceLines(one: InstanceStatus): string[] {
  const { advertsSent, advertsReceived, becameMaster, releasedMaster, ...others } = one.counters;
  const name = `${one.instance.padEnd(20)} ${one.state.padEnd(7)}`;
  const priority =
    one.priority === one.basePriority
      ? `${one.priority}`
      : `${one.priority} of ${one.basePriority}`;
  const family = one.family === 'ipv4' ? 'IPv4' : 'IPv6';
  const router = `v${one.version} ${family} ${one.interface} vrid ${one.virtualRouterId}`;
  const master = one.masterAddress === null ? '' : `  master ${one.masterAddress}`;
  const errors = Object.entries(others)
    .filter(([, count]) => count > 0)
    .map(([counter, count]) => `      ${counter.padEnd(22)} ${count}`);
  return [
    `  ${name} priority ${priority}  for ${duration(one.sinceSeconds)}${master}`,
    `      ${router}`,
    `      sent ${advertsSent} received ${advertsReceived} ` +
      `became master ${becameMaster} released ${releasedMaster}`,
    ...latenessLines(one),
    ...belongingLines(one),
    ...one.faults.map((reason) => `      ${reason}`),
    ...errors,
  ];
}

/** A long list is for --json. */
const namedMax = 4;

function belongingLines({ belongings }: InstanceStatus): string[] {
  const { addresses, excludedAddresses, localAddresses, portRoutes } = belongings;
  const lists: readonly [string, readonly string[]][] = [
    ['addresses', addresses],
    ['excluded addresses', excludedAddresses],
    ['local addresses that follow', localAddresses],
    ['routes of the data plane', portRoutes],
  ];
  return lists.flatMap(([title, entries]) => {
    if (entries.length === 0) return [];
    const named = entries.slice(0, namedMax).join(', ');
    const more = entries.length - namedMax;
    return [`      ${title}: ${named}${more > 0 ? ` and ${more} more` : ''}`];
  });
}

/** How packets ended, and what else a worker counts that an operator should know of. */
function countersOf({ verdicts, injectFailed, untold }: WorkerStatistics): Record<string, number> {
  return { ...verdicts, injectFailed, untold };
}

function dataplaneLines({ dataplane }: Status): string[] {
  if (dataplane === null) return ['Data plane: not used', ''];
  if (dataplane.statistics === null) return ['Data plane: DOES NOT ANSWER', ''];
  const rows = dataplane.statistics.workers.flatMap((worker) => [
    `  worker ${worker.worker} on cpu ${worker.cpu}: ` +
      `${worker.rx} packets received, ${worker.connections} connections`,
    ...Object.entries(countersOf(worker))
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `    ${name.padEnd(24)} ${count}`),
  ]);
  const { slowThread, companions } = dataplane.statistics;
  const lost = Object.entries(slowThread).filter(([, count]) => count > 0);
  return [
    'Data plane: up',
    ...rows,
    ...companions.map(
      ({ device, toKernel, fromKernel, dropped }) =>
        `  companion of ${device}: ` +
        `${toKernel} to the kernel, ${fromKernel} from it, ${dropped} dropped`,
    ),
    ...lost.map(([name, count]) => `  slow thread ${name} ${count}`),
    '',
  ];
}

/** Only of those that have sent adverts by the clock. */
function latenessLines({ lateness }: InstanceStatus): string[] {
  const { adverts, meanMs, worstMs, late } = lateness;
  if (adverts === 0) return [];
  const found = `late by ${meanMs.toFixed(2)} ms on average, ${worstMs.toFixed(2)} ms at worst`;
  return [`      adverts ${found}, ${late} too late`];
}

function timerLine({ timers }: Status): string {
  const mean = timers.meanMs.toFixed(2);
  const worst = timers.worstMs.toFixed(2);
  return `Timers: ${timers.timers}, late by ${mean} ms on average, ${worst} ms at worst`;
}
