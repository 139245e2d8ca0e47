// native/bench/bench_datapath, which prints one JSON line per case: how it is built, started on
// hugepages where they can be had for the time of the run, and counted under callgrind.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Profile, readCallgrindFile } from './callgrind-file.js';
import { BenchFailure, runCommand } from './command.js';

export type Row = {
  readonly name: string;
  readonly cyclesPerPacket: number;
  readonly instructionsPerPacket: number | null;
  readonly packetsPerSecond: number;
  readonly packetBytes: number;
  readonly flows: number;
  readonly workers: number;
};

const folder = 'build/native-bench';
const program = `${folder}/bench_datapath`;
/** Four million connections need 700. */
const memoryMb = 1280;
const hugepages = memoryMb / 2;
const hugepagesSetting = '/proc/sys/vm/nr_hugepages';
const buildTimeoutMs = 300_000;
const runTimeoutMs = 900_000;
const countTimeoutMs = 240_000;
const countedPackets = 65536;

/** Programs of native/bench that are out of date, one build at a time. */
export async function buildPrograms(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const make = ['make', '-C', 'native/bench', '-j2'];
  await runCommand('flock', [`${folder}/.lock`, ...make], buildTimeoutMs);
}

/** `use` gets what EAL needs to know of memory; the kernel gets its pages back at the end. */
export async function withMemory<T>(
  use: (memory: readonly string[], isHuge: boolean) => Promise<T>,
): Promise<T> {
  const isHuge = reserveHugepages();
  try {
    return await use([isHuge ? '--in-memory' : '--no-huge'], isHuge);
  } finally {
    if (isHuge) changeHugepages(-hugepages);
  }
}

/** No cases: all of them. */
export async function measureCases(
  cases: readonly string[],
  memory: readonly string[],
): Promise<Row[]> {
  const words = [...cases, '--', ...memory, ...ealArguments('bench')];
  const { stdout } = await runCommand(program, words, runTimeoutMs);
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Row);
}

/** `lcores` as EAL's --lcores wants them. */
export function ealArguments(purpose: string, lcores = '0'): string[] {
  const isolation = ['--no-pci', '--no-shconf', '--no-telemetry', '--log-level=lib.*:error'];
  const prefix = `--file-prefix=ks-${purpose}-${process.pid}`;
  return ['-m', String(memoryMb), '--lcores', lcores, prefix, ...isolation];
}

/** False: the kernel does not give enough pages. */
function reserveHugepages(): boolean {
  try {
    const { wanted, present } = changeHugepages(hugepages);
    if (present >= wanted) return true;
    changeHugepages(wanted - hugepages - present);
  } catch {
    // Not root, or no hugepages in this kernel: the benchmark runs on ordinary pages.
  }
  return false;
}

/** Relative to what is there, because another run may have asked for pages meanwhile. */
function changeHugepages(more: number): { readonly wanted: number; readonly present: number } {
  const wanted = Number(readFileSync(hugepagesSetting, 'utf8')) + more;
  writeFileSync(hugepagesSetting, String(Math.max(0, wanted)));
  return { wanted, present: Number(readFileSync(hugepagesSetting, 'utf8')) };
}

/** Instructions per packet of one case: all of them, and of each function. */
export async function countCase(name: string): Promise<Profile> {
  const counts = mkdtempSync(join(tmpdir(), 'ks-bench-'));
  const file = join(counts, 'callgrind.out');
  const callgrind = [
    '--tool=callgrind',
    '--toggle-collect=measured_passes',
    `--callgrind-out-file=${file}`,
  ];
  const count = ['--instructions', String(countedPackets), name];
  // Cases may be counted side by side, in processes that must not share what EAL keeps in files.
  const eal = ['--', '--no-huge', ...ealArguments(name.replaceAll('/', '-'))];
  try {
    await runCommand('valgrind', [...callgrind, program, ...count, ...eal], countTimeoutMs);
    const { instructions, functions } = readCallgrindFile(readFileSync(file, 'utf8'));
    if (instructions === 0) {
      throw new BenchFailure(`${program} has no case ${name}, or none that measures a packet`);
    }
    return {
      instructions: instructions / countedPackets,
      functions: new Map([...functions].map(([key, all]) => [key, all / countedPackets])),
    };
  } finally {
    rmSync(counts, { recursive: true });
  }
}
