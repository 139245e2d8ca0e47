// A daemon's status as a person reads it.

import type { Status } from '../../daemon/status.js';
import type { WorkerStatistics } from '../../dataplane/dataplane.js';

export function printStatus(status: Status): string {
  return [
    `router ${status.routerId}${status.instance === null ? '' : `, instance ${status.instance}`}`,
    '',
    ...vrrpLines(status),
    ...checkerLines(status),
    ...dataplaneLines(status),
    timerLine(status),
    '',
  ].join('\n');
}

function vrrpLines({ vrrp }: Status): string[] {
  if (vrrp.length === 0) return ['VRRP: no instance', ''];
  const rows = vrrp.flatMap((fact) => {
    const { advertsSent, advertsReceived, becameMaster } = fact.counters;
    const counts = `sent ${advertsSent} received ${advertsReceived} became master ${becameMaster}`;
    const name = `${fact.instance.padEnd(20)} ${fact.state.padEnd(7)}`;
    const row = `  ${name} priority ${fact.priority}  ${counts}`;
    return [row, ...fact.faults.map((reason) => `    ${reason}`)];
  });
  return ['VRRP instances', ...rows, ''];
}

function checkerLines({ failedCheckers }: Status): string[] {
  if (failedCheckers.length === 0) return ['Checkers: none fails', ''];
  return ['Checkers that fail', ...failedCheckers.map((id) => `  ${id}`), ''];
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

function timerLine({ timers }: Status): string {
  const mean = timers.meanMs.toFixed(2);
  const worst = timers.worstMs.toFixed(2);
  return `Timers: ${timers.timers}, late by ${mean} ms on average, ${worst} ms at worst`;
}
