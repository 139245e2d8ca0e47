// What a packet costs in the data plane, in TSC cycles: runs native/bench/bench_datapath, and
// beside it what others take on the same machine (--no-peers leaves them out). --instructions
// counts these, too, by callgrind; --plot FILE.svg draws cycles over flows.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BenchFailure, unwindOnSignals } from './command.js';
import {
  buildPrograms,
  countCase,
  measureCases,
  type Row,
  withMemory,
} from './datapath-program.js';
import {
  floorOf,
  measurePeers,
  type PeerRow,
  peerNames,
  setAgainst,
  type Unavailable,
} from './peers.js';
import { plotSvg } from './plot.js';

type Measured = {
  readonly rows: readonly Row[];
  readonly peers: readonly (PeerRow | Unavailable)[];
  readonly isHuge: boolean;
};

export async function benchDatapath(words: readonly string[]): Promise<number> {
  const options = readOptions(words);
  unwindOnSignals();
  await buildPrograms();
  const measured = await measure(options);
  const rows = options.instructions ? await withInstructions(measured.rows) : measured.rows;
  if (options.json) {
    for (const row of [...rows, ...measured.peers]) console.log(JSON.stringify(row));
  } else {
    printTable({ ...measured, rows });
  }
  if (options.plot !== undefined) writePlot(options.plot, rows);
  return 0;
}

type Options = {
  readonly cases: readonly string[];
  readonly peers: readonly string[];
  /** Names were given, and only of peers. */
  readonly onlyPeers: boolean;
  readonly json: boolean;
  readonly instructions: boolean;
  readonly plot: string | undefined;
};

function readOptions(words: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const flags = { json: flag, instructions: flag, 'no-peers': flag } as const;
  const options = { ...flags, plot: { type: 'string' } } as const;
  try {
    const parsed = parseArgs({ args: [...words], options, allowPositionals: true });
    const { values, positionals } = parsed;
    const cases = positionals.filter((name) => !peerNames.includes(name));
    const named = peerNames.filter((name) => positionals.includes(name));
    const peers = positionals.length === 0 && !values['no-peers'] ? peerNames : named;
    const onlyPeers = cases.length === 0 && positionals.length > 0;
    return { ...values, plot: values.plot, cases, peers, onlyPeers };
  } catch (error) {
    const [sentence] = String(error instanceof Error ? error.message : error).split('. ');
    throw new BenchFailure(`datapath: ${sentence}`);
  }
}

function measure({ cases, peers, onlyPeers }: Options): Promise<Measured> {
  return withMemory(async (memory, isHuge) => {
    const rows = onlyPeers ? [] : await measureCases(cases, memory);
    const missing = cases.find((name) => !rows.some((row) => row.name === name));
    if (missing !== undefined) throw new BenchFailure(`datapath: there is no case ${missing}`);
    const others = await measurePeers(peers, memory);
    const theirs = others.filter((row) => 'cyclesPerPacket' in row);
    const against = others.map((row) =>
      'unavailable' in row ? row : setAgainst(row, rows, theirs),
    );
    return { rows, peers: against, isHuge };
  });
}

async function withInstructions(rows: readonly Row[]): Promise<Row[]> {
  const counted: Row[] = [];
  for (const row of rows) {
    const { instructions } = await countCase(row.name);
    counted.push({ ...row, instructionsPerPacket: Math.round(instructions * 10) / 10 });
  }
  return counted;
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

function printTable({ rows, peers, isHuge }: Measured): void {
  const all = [...rows, ...peers];
  const columns = Math.max(18, ...all.map(({ name }) => name.length)) + 2;
  const measured = all.filter((row) => 'cyclesPerPacket' in row);
  console.log(`${'case'.padEnd(columns)}  cycles  over floor  instructions  Mpps`);
  for (const row of all) {
    const text = 'unavailable' in row ? `  - ${row.unavailable}` : figures(row, measured);
    console.log(row.name.padEnd(columns) + text);
  }
  for (const row of peers) {
    if ('ratio' in row && row.ratio !== null) {
      console.log(`${row.ours} / ${row.name} = ${row.ratio}`);
    }
  }
  const pages = isHuge ? 'hugepages' : 'ordinary pages';
  console.log(`TSC cycles per packet, least of several windows, ${pages}`);
  if (peers.length > 0) console.log('Ratios are of what is over the floor, where both have one.');
}

function figures(row: Row, rows: readonly Row[]): string {
  const floor = floorOf(row, rows);
  const over = floor === undefined ? '-' : (row.cyclesPerPacket - floor).toFixed(1);
  return (
    row.cyclesPerPacket.toFixed(1).padStart(8) +
    over.padStart(12) +
    String(row.instructionsPerPacket ?? '-').padStart(14) +
    (row.packetsPerSecond / 1e6).toFixed(1).padStart(6)
  );
}
