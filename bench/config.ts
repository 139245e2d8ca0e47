// What a large file costs from its bytes to the plan, each time in a process of its own: nothing is
// warm, as at a start. Beside it what Debian's keepalived takes to test a file of the same shape.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measured } from './config-child.js';
import { configText, linesPerService, type Shape } from './config-text.js';

const runs = 5;
const peer = '/usr/sbin/keepalived';

type Row = Measured & { readonly name: string; readonly lines: number };

export function benchConfig(options: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    const rows = [1000, 2000, 5000, 10_400].map((services) => measure(folder, services));
    const peerMs = measurePeer(folder);
    if (options.includes('--json')) console.log(JSON.stringify({ rows, peerMs }));
    else printTable(rows, peerMs);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return 0;
}

/** The run with the least time counts. */
function measure(folder: string, services: number): Row {
  const path = writeConfig(folder, { services, method: 'fnat' });
  const child = new URL('./config-child.js', import.meta.url).pathname;
  const all = Array.from({ length: runs }, () => {
    const output = execFileSync(process.execPath, [child, path], { encoding: 'utf8' });
    return JSON.parse(output) as Measured;
  });
  const best = all.reduce((left, right) => (totalMs(right) < totalMs(left) ? right : left));
  const lines = services * linesPerService;
  return { name: `${Math.round(lines / 1000)}k lines`, lines, ...best };
}

function totalMs({ readMs, planMs }: Measured): number {
  return readMs + planMs;
}

function writeConfig(folder: string, shape: Shape): string {
  const path = join(folder, `${shape.method}-${shape.services}.conf`);
  writeFileSync(path, configText(shape), { mode: 0o644 });
  return path;
}

/** Wall clock of `-t` for ours and theirs, whole processes; null: it is not installed. */
function measurePeer(folder: string): { ours: number; theirs: number } | null {
  const path = writeConfig(folder, { services: 1000, method: 'nat' });
  const ours = new URL('../src/daemon/main.js', import.meta.url).pathname;
  const theirs = testMs(peer, ['-t', '-f', path]);
  if (theirs === null) return null;
  return { ours: testMs(process.execPath, [ours, '-t', '-f', path]) ?? Number.NaN, theirs };
}

function testMs(program: string, words: readonly string[]): number | null {
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    const { status } = spawnSync(program, words, { stdio: 'ignore' });
    return status === 0 ? performance.now() - started : null;
  });
  const good = times.filter((ms) => ms !== null);
  return good.length === 0 ? null : Math.min(...good);
}

function printTable(rows: readonly Row[], peerMs: ReturnType<typeof measurePeer>): void {
  console.log(`least of ${runs} runs, each in a process of its own (read = load + parse + decode)`);
  console.log('file          read ms   plan ms   us/line   memory MB');
  for (const row of rows) {
    const columns = [
      row.name.padEnd(12),
      row.readMs.toFixed(0).padStart(9),
      row.planMs.toFixed(0).padStart(9),
      ((totalMs(row) * 1000) / row.lines).toFixed(2).padStart(9),
      row.memoryMb.toFixed(0).padStart(11),
    ];
    console.log(columns.join(' '));
  }
  if (peerMs === null) {
    console.log(`${peer} is not installed: no ratio`);
    return;
  }
  const { ours, theirs } = peerMs;
  const figures = `${ours.toFixed(0)} ms, ${peer} -t ${theirs.toFixed(0)} ms`;
  console.log(
    `-t of 96k lines, whole processes: ours ${figures}, ratio ${(ours / theirs).toFixed(2)}`,
  );
}
