// `npm run bench -- instructions [--record] [--json] [CASE...]`: what a packet costs in
// instructions, by callgrind, against bench/instructions.json, whose cases are the list. More than
// 3 % above it fails. --record writes what was counted; with names, only these, also new ones.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { checkout } from '../scripts/lab/checkout.js';
import { BenchFailure, runCommand, unwindOnSignals } from './command.js';
import { buildPrograms, countCase } from './datapath-program.js';
import {
  type Baseline,
  baselineText,
  type CaseCount,
  countOf,
  type Judged,
  judge,
  readBaseline,
  type Tools,
  toolsSentence,
} from './instruction-baseline.js';

const baselinePath = `${checkout}/bench/instructions.json`;
const besides = 2;
const versionTimeoutMs = 10_000;

export async function benchInstructions(options: readonly string[]): Promise<number> {
  const unknown = options.find((word) => word.startsWith('--') && !known.includes(word));
  if (unknown !== undefined) throw new BenchFailure(`instructions: no option ${unknown}`);
  const names = options.filter((word) => !word.startsWith('--'));
  unwindOnSignals();
  if (options.includes('--record')) return record(names);
  const { warning, judged } = await compareWithBaseline(names);
  if (options.includes('--json')) {
    for (const each of judged) console.log(JSON.stringify(each));
  } else {
    for (const { sentences } of judged) console.log(sentences.join('\n'));
  }
  if (warning !== undefined) console.error(warning);
  return warning === undefined && judged.some(({ verdict }) => verdict === 'grew') ? 1 : 0;
}

const known = ['--record', '--json'];

/** No names: every case of the baseline. */
export async function compareWithBaseline(
  names: readonly string[],
): Promise<{ readonly warning: string | undefined; readonly judged: readonly Judged[] }> {
  const baseline = loadBaseline();
  const wanted = names.length > 0 ? names : Object.keys(baseline.cases);
  const missing = wanted.find((name) => baseline.cases[name] === undefined);
  if (missing !== undefined) {
    throw new BenchFailure(
      `${shownPath()} has no case ${missing}: add it with --record ${missing}`,
    );
  }
  const counts = await countCases(wanted);
  const judged = wanted.flatMap((name, index) => {
    const [recorded, counted] = [baseline.cases[name], counts[index]];
    return recorded && counted ? [judge(name, recorded, counted)] : [];
  });
  return { warning: toolsSentence(baseline, await presentTools()), judged };
}

/** Names: the others stay as they were recorded. */
async function record(names: readonly string[]): Promise<number> {
  const former = existsSync(baselinePath) ? loadBaseline() : undefined;
  const wanted = names.length > 0 ? names : Object.keys(former?.cases ?? {});
  if (wanted.length === 0) {
    throw new BenchFailure(`${shownPath()} has no cases yet: name them behind --record`);
  }
  const tools = await presentTools();
  const isPartial = Object.keys(former?.cases ?? {}).some((name) => !wanted.includes(name));
  const mixture = former && isPartial ? toolsSentence(former, tools) : undefined;
  if (mixture !== undefined) {
    throw new BenchFailure(`${mixture}; record all cases together: --record without names`);
  }
  const counts = await countCases(wanted);
  const cases: Record<string, CaseCount> = { ...former?.cases };
  for (const [index, name] of wanted.entries()) {
    const counted = counts[index];
    if (counted) cases[name] = counted;
  }
  writeFileSync(baselinePath, baselineText({ ...tools, cases }));
  console.log(`${shownPath()}: ${wanted.length} cases recorded`);
  return 0;
}

function loadBaseline(): Baseline {
  try {
    return readBaseline(readFileSync(baselinePath, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BenchFailure(`${shownPath()} cannot be compared with: ${why}`);
  }
}

function shownPath(): string {
  return relative(process.cwd(), baselinePath);
}

/** In the order of the names. Most of the time goes into starts, so two are counted at a time. */
async function countCases(names: readonly string[]): Promise<CaseCount[]> {
  await buildPrograms();
  const counts: CaseCount[] = [];
  const waiting = [...names.entries()];
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      const [index, name] = entry;
      counts[index] = countOf(await countCase(name));
    }
  };
  await Promise.all(Array.from({ length: besides }, next));
  return counts;
}

async function presentTools(): Promise<Tools> {
  const versions = [
    runCommand('gcc', ['-dumpfullversion'], versionTimeoutMs),
    runCommand('pkg-config', ['--modversion', 'libdpdk'], versionTimeoutMs),
  ];
  const [compiler = '', dpdk = ''] = (await Promise.all(versions)).map((ran) => ran.stdout.trim());
  return { compiler, dpdk };
}
