// What a packet costs in the data plane, in TSC cycles: runs native/bench/bench_datapath.
// --instructions counts these too, by callgrind; --plot FILE.svg draws cycles over flows.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BenchFailure } from './command.js';
import {
  buildPrograms,
  countCase,
  measureCases,
  type Row,
  withMemory,
} from './datapath-program.js';
import { plotSvg } from './plot.js';

export async function benchDatapath(options: readonly string[]): Promise<number> {
  const { cases, json, instructions, plot } = readOptions(options);
  await buildPrograms();
  const { rows, isHuge } = await withMemory(async (memory, isHuge) => ({
    rows: await measureCases(cases, memory),
    isHuge,
  }));
  if (rows.length === 0) throw new BenchFailure(`no such case: ${cases.join(' ')}`);
  const complete = instructions ? await withInstructions(rows) : rows;
  if (json) {
    for (const row of complete) console.log(JSON.stringify(row));
  } else {
    printTable(complete, isHuge);
  }
  if (plot !== undefined) writePlot(plot, complete);
  return 0;
}

type Options = {
  readonly cases: readonly string[];
  readonly json: boolean;
  readonly instructions: boolean;
  readonly plot: string | undefined;
};

function readOptions(words: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const options = { json: flag, instructions: flag, plot: { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options,
      allowPositionals: true,
    });
    return { ...values, plot: values.plot, cases: positionals };
  } catch (error) {
    const [sentence] = String(error instanceof Error ? error.message : error).split('. ');
    throw new BenchFailure(`datapath: ${sentence}`);
  }
}

function writePlot(path: string, rows: readonly Row[]): void {
  const svg = plotSvg(rows);
  if (svg === undefined) {
    throw new BenchFailure(`${path} is not written: no case was measured at two numbers of flows`);
  }
  try {
    writeFileSync(path, svg);
  } catch (error) {
    throw new BenchFailure(`--plot: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function withInstructions(rows: readonly Row[]): Promise<Row[]> {
  const counted: Row[] = [];
  for (const row of rows) {
    const { instructions } = await countCase(row.name);
    counted.push({ ...row, instructionsPerPacket: Math.round(instructions * 10) / 10 });
  }
  return counted;
}

function printTable(rows: readonly Row[], isHuge: boolean): void {
  const floor = rows.find((row) => row.name === 'floor')?.cyclesPerPacket;
  const columns = Math.max(18, ...rows.map(({ name }) => name.length)) + 2;
  console.log(`${'case'.padEnd(columns)}  cycles  over floor  instructions  Mpps`);
  for (const row of rows) {
    const over = floor === undefined ? '-' : (row.cyclesPerPacket - floor).toFixed(1);
    console.log(
      row.name.padEnd(columns) +
        row.cyclesPerPacket.toFixed(1).padStart(8) +
        over.padStart(12) +
        String(row.instructionsPerPacket ?? '-').padStart(14) +
        (row.packetsPerSecond / 1e6).toFixed(1).padStart(6),
    );
  }
  const pages = isHuge ? 'hugepages' : 'ordinary pages';
  console.log(`TSC cycles per packet of 64 octets, one worker, least of 9 windows, ${pages}`);
}
