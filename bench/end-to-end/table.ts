// What was measured, as a table for people; `--json` prints the rows themselves.
import type { CpuUse } from './cpu.js';
import type { WrkReport } from './reports.js';

export type Measured = {
  readonly outcome: 'measured';
  readonly name: string;
  /** Many requests on each connection. */
  readonly keepAlive: WrkReport & CpuUse;
  /** One request on each connection. */
  readonly connections: WrkReport & CpuUse;
  readonly throughput: CpuUse & { readonly gigabitsPerSecond: number };
};

export type Row =
  | Measured
  | {
      readonly outcome: 'not_installed';
      readonly name: string;
      /** Debian packages to install. */
      readonly packages: readonly string[];
    }
  | { readonly outcome: 'failed'; readonly name: string; readonly reason: string };

type Column = {
  readonly title: string;
  readonly width: number;
  readonly value: (row: Measured) => string;
};

const nameWidth = 20;
const columns: readonly Column[] = [
  { title: 'requests/s', width: 10, value: (row) => rate(row.keepAlive) },
  { title: 'p50 ms', width: 8, value: (row) => row.keepAlive.p50Ms.toFixed(2) },
  { title: 'p99 ms', width: 8, value: (row) => row.keepAlive.p99Ms.toFixed(2) },
  { title: 'fwd', width: 6, value: (row) => forwarderText(row.keepAlive) },
  { title: 'us/req', width: 8, value: (row) => microsecondsEach(row.keepAlive) },
  { title: 'conn/s', width: 9, value: (row) => rate(row.connections) },
  { title: 'p99 ms', width: 8, value: (row) => row.connections.p99Ms.toFixed(2) },
  { title: 'fwd', width: 6, value: (row) => forwarderText(row.connections) },
  { title: 'us/conn', width: 9, value: (row) => microsecondsEach(row.connections) },
  { title: 'Gb/s', width: 7, value: (row) => row.throughput.gigabitsPerSecond.toFixed(2) },
  { title: 'fwd', width: 6, value: (row) => forwarderText(row.throughput) },
  { title: 'others', width: 8, value: othersText },
  { title: 'errors', width: 8, value: errorsText },
];

export function tableLines(rows: readonly Row[]): readonly string[] {
  const titles = columns.map(({ title, width }) => title.padStart(width));
  return ['case'.padEnd(nameWidth) + titles.join(''), ...rows.map(lineOf), ...footer];
}

const footer: readonly string[] = [
  'fwd: CPU seconds per second of the forwarder (keepalived with its data plane, haproxy), all',
  '  threads; "-" where the kernel forwards: in the time of whoever runs then, so not to be had.',
  'us/req, us/conn: CPU time of client, server, kernel and forwarder together for each request or',
  '  connection. What a row has above "direct" is the forwarder.',
  'others: CPU seconds per second that processes outside of this benchmark took meanwhile, in the',
  '  worst of the three loads; compare only rows with little of it.',
  'errors: connections that failed or timed out and answers that were not 2xx or 3xx; marked "!".',
  '.../mtu: segmentation and receive offloads off, so that the kernel too forwards packets of the',
  '  MTU, as Keelson does in every row; without, packets of 64 KiB cross the edge whole.',
];

function lineOf(row: Row): string {
  const name = row.name.padEnd(nameWidth);
  switch (row.outcome) {
    case 'measured':
      return name + columns.map(({ value, width }) => value(row).padStart(width)).join('');
    case 'not_installed':
      return `${name}not installed; as root: apt-get install ${row.packages.join(' ')}`;
    case 'failed':
      return `${name}FAILED: ${row.reason}`;
  }
}

function rate(report: WrkReport): string {
  return report.requestsPerSecond.toFixed(0);
}

function forwarderText({ forwarder }: CpuUse): string {
  return forwarder === null ? '-' : forwarder.toFixed(2);
}

function microsecondsEach(report: WrkReport & CpuUse): string {
  if (report.requests === 0) return '-';
  return ((report.seconds * 1e6) / report.requests).toFixed(1);
}

function errorsText({ keepAlive, connections }: Measured): string {
  const errors = keepAlive.errors + connections.errors;
  return errors === 0 ? '0' : `${errors} !`;
}

/** The worst of the three loads. */
function othersText({ keepAlive, connections, throughput }: Measured): string {
  return Math.max(keepAlive.others, connections.others, throughput.others).toFixed(2);
}

/**
 * Of several rounds of one case, for each load that in which others took the least: chosen by the
 * machine's state, never by the result. A round that failed is not hidden by the others.
 */
export function calmest(rounds: readonly [Row, ...Row[]]): Row {
  return rounds.reduce((chosen, row) => {
    if (chosen.outcome !== 'measured') return chosen;
    if (row.outcome !== 'measured') return row;
    return {
      outcome: 'measured',
      name: chosen.name,
      keepAlive: calmer(chosen.keepAlive, row.keepAlive),
      connections: calmer(chosen.connections, row.connections),
      throughput: calmer(chosen.throughput, row.throughput),
    };
  });
}

function calmer<Load extends CpuUse>(left: Load, right: Load): Load {
  return right.others < left.others ? right : left;
}
