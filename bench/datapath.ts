// What a packet costs in the data plane: builds and runs native/bench/bench_datapath, with
// hugepages where they can be had for the time of the run. --instructions counts these too, by
// callgrind.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Row {
  readonly name: string;
  readonly cyclesPerPacket: number;
  readonly instructionsPerPacket: number | null;
  readonly packetsPerSecond: number;
  readonly packetBytes: number;
  readonly flows: number;
  readonly workers: number;
}

const program = 'build/native-bench/bench_datapath';
const memoryMb = 1280;
const hugepagesSetting = '/proc/sys/vm/nr_hugepages';
const instructionPackets = 65536;

export function benchDatapath(options: readonly string[]): number {
  const cases = options.filter((option) => !option.startsWith('--'));
  execFileSync('make', ['-C', 'native/bench', '-j2'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const { rows, hugepages } = measure(cases);
  if (rows.length === 0) {
    console.error(`no such case: ${cases.join(' ')}`);
    return 1;
  }
  const complete = options.includes('--instructions') ? rows.map(countInstructions) : rows;
  if (options.includes('--json')) {
    for (const row of complete) console.log(JSON.stringify(row));
  } else {
    printTable(complete, hugepages);
  }
  return 0;
}

function measure(cases: readonly string[]): { rows: Row[]; hugepages: boolean } {
  const before = reserveHugepages();
  try {
    const memory = before === undefined ? ['--no-huge'] : ['--in-memory'];
    const output = execFileSync(program, [...cases, '--', ...memory, ...ealArguments('bench')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = output.split('\n').filter((line) => line.startsWith('{'));
    return { rows: lines.map((line) => JSON.parse(line) as Row), hugepages: before !== undefined };
  } finally {
    if (before !== undefined) writeFileSync(hugepagesSetting, before);
  }
}

function ealArguments(purpose: string): string[] {
  const isolation = ['--no-pci', '--no-shconf', '--no-telemetry', '--log-level=lib.*:error'];
  const prefix = `--file-prefix=ks-${purpose}-${process.pid}`;
  return ['-m', String(memoryMb), '-l', '0', prefix, ...isolation];
}

/** The setting to restore, or undefined when the kernel does not give enough pages. */
function reserveHugepages(): string | undefined {
  const pages = memoryMb / 2;
  try {
    const before = readFileSync(hugepagesSetting, 'utf8');
    writeFileSync(hugepagesSetting, String(Number(before) + pages));
    if (Number(readFileSync(hugepagesSetting, 'utf8')) >= Number(before) + pages) return before;
    writeFileSync(hugepagesSetting, before);
  } catch {
    // Not root, or no hugepages in this kernel: the benchmark runs on ordinary pages.
  }
  return undefined;
}

function countInstructions(row: Row): Row {
  const folder = mkdtempSync(join(tmpdir(), 'ks-bench-'));
  const valgrind = [
    '--tool=callgrind',
    '--toggle-collect=measured_passes',
    `--callgrind-out-file=${join(folder, 'callgrind.out')}`,
  ];
  const count = ['--instructions', String(instructionPackets), row.name];
  const eal = ['--', '--no-huge', ...ealArguments('callgrind')];
  const run = spawnSync('valgrind', [...valgrind, program, ...count, ...eal], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  const collected = /Collected : (\d+)/.exec(run.stderr ?? '')?.[1];
  if (run.status !== 0 || collected === undefined) return row;
  const perPacket = Number(collected) / instructionPackets;
  return { ...row, instructionsPerPacket: Math.round(perPacket * 10) / 10 };
}

function printTable(rows: readonly Row[], hugepages: boolean): void {
  const floor = rows.find((row) => row.name === 'floor')?.cyclesPerPacket;
  console.log('case                  cycles  over floor  instructions  Mpps');
  for (const row of rows) {
    const over = floor === undefined ? '-' : (row.cyclesPerPacket - floor).toFixed(1);
    console.log(
      row.name.padEnd(20) +
        row.cyclesPerPacket.toFixed(1).padStart(8) +
        over.padStart(12) +
        String(row.instructionsPerPacket ?? '-').padStart(14) +
        (row.packetsPerSecond / 1e6).toFixed(1).padStart(6),
    );
  }
  const pages = hugepages ? 'hugepages' : 'ordinary pages';
  console.log(`TSC cycles per packet of 64 octets, one worker, least of 9 windows, ${pages}`);
}
