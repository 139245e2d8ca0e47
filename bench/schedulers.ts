// What schedulers cost, by native/bench/bench_schedulers: the table that control builds when a
// service changes, and one choice of the packet path, over the number of servers.

import { runCommand, unwindOnSignals } from './command.js';
import { buildPrograms } from './datapath-program.js';

const program = 'build/native-bench/bench_schedulers';
const timeoutMs = 300_000;
const serverCounts = [10, 100, 1000];

/** `microseconds` of a table, `nanoseconds` of a choice. */
type Row = {
  readonly name: string;
  readonly servers: number;
  readonly microseconds?: number;
  readonly nanoseconds?: number;
};

export async function benchSchedulers(options: readonly string[]): Promise<number> {
  unwindOnSignals();
  await buildPrograms();
  const { stdout } = await runCommand(program, [], timeoutMs);
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  if (options.includes('--json')) for (const line of lines) console.log(line);
  else printTable(lines.map((line) => JSON.parse(line) as Row));
  return 0;
}

function printTable(rows: readonly Row[]): void {
  const counts = serverCounts.map((count) => String(count).padStart(12)).join('');
  console.log(`${'servers'.padEnd(32)}${counts}`);
  for (const name of new Set(rows.map((row) => row.name))) {
    const cells = serverCounts.map((count) =>
      cell(rows.find((row) => row.name === name && row.servers === count)),
    );
    console.log(`${name.padEnd(32)}${cells.join('')}`);
  }
}

function cell(row: Row | undefined): string {
  const text =
    row?.microseconds !== undefined
      ? `${row.microseconds.toFixed(1)} us`
      : row?.nanoseconds !== undefined
        ? `${row.nanoseconds.toFixed(1)} ns`
        : '';
  return text.padStart(12);
}
