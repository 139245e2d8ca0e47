// What TCP_CHECKs and HTTP_GETs cost, ours and those of Debian's keepalived in turn: processor
// time for each, memory, and how late they are as who is checked sees it. keepalived runs with a
// preload that stands for IPVS (fake-ipvs.c); ours is the health thread's work as a process
// (checks-child.ts).
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../scripts/lab/checkout.js';
import { Namespaces, pause, waitFor } from '../scripts/lab/namespaces.js';
import { benchDaemonChecks } from './checks-daemon.js';
import { type CheckLoad, checkLoads, keepalivedText, port } from './checks-load.js';
import { BenchFailure, compileC, unwindOnSignals, wasInterrupted } from './command.js';

const whose = ['ours', 'theirs'] as const;
type Whose = (typeof whose)[number];

const keepalived = '/usr/sbin/keepalived';
const settleMs = 8_000;
const timeoutMs = 60_000;

/** Where one side runs: a namespace with nothing but loopback, and its files. */
type Place = { readonly namespaces: Namespaces; readonly folder: string };

/** As accept-checks.c prints it. */
type Seen = {
  readonly accepted: number;
  readonly durationMs: number;
  readonly lateP99Ms: number;
  readonly lateWorstMs: number;
};

type CheckCost = CheckLoad & {
  readonly whose: Whose;
  readonly checksPerSecond: number;
  readonly cpuPerCheckUs: number;
  readonly cpuPercent: number;
  readonly rssMb: number;
  readonly lateP99Ms: number;
  readonly lateWorstMs: number;
};

export async function benchChecks(options: readonly string[]): Promise<number> {
  if (process.getuid?.() !== 0) throw new BenchFailure('network namespaces need root');
  if (!existsSync(keepalived)) throw new BenchFailure('keepalived is not installed');
  unwindOnSignals();
  const isJson = options.includes('--json');
  const seconds = numberAfter('--seconds', options, 20);
  if (options.includes('--daemon')) return benchDaemonChecks(seconds * 1000);
  const rounds = numberAfter('--rounds', options, 2);
  if (!isJson) console.log(headings.map((heading) => heading.padStart(columnWidth)).join(''));
  for (const load of checkLoads) {
    for (let round = 0; round < rounds; round++) {
      for (const one of whose) {
        if (wasInterrupted()) throw new BenchFailure('interrupted');
        const cost = await withPlace((place) => costOf(place, one, load, seconds * 1000));
        console.log(isJson ? JSON.stringify(cost) : rowText(cost));
      }
    }
  }
  return 0;
}

function numberAfter(name: string, options: readonly string[], fallback: number): number {
  const index = options.indexOf(name);
  if (index < 0) return fallback;
  const value = Number(options[index + 1]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new BenchFailure(`${name} wants a whole number above 0`);
}

const columnWidth = 13;
const headings = [
  'whose',
  'kind',
  'servers',
  'interval s',
  'checks/s',
  'us/check',
  'CPU %',
  'RSS MB',
  'late p99 ms',
  'worst ms',
];

function rowText(cost: CheckCost): string {
  return [
    cost.whose,
    cost.kind,
    String(cost.servers),
    String(cost.delayLoopMs / 1000),
    cost.checksPerSecond.toFixed(0),
    cost.cpuPerCheckUs.toFixed(1),
    cost.cpuPercent.toFixed(1),
    cost.rssMb.toFixed(1),
    String(cost.lateP99Ms),
    String(cost.lateWorstMs),
  ]
    .map((column) => column.padStart(columnWidth))
    .join('');
}

async function withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    namespaces.add('checks');
    return await use({ namespaces, folder });
  } finally {
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function costOf(
  place: Place,
  one: Whose,
  load: CheckLoad,
  watchedMs: number,
): Promise<CheckCost> {
  const { namespaces, folder } = place;
  const acceptor = join(folder, 'accept-checks');
  await compileC('accept-checks.c', acceptor, ['-O2']);
  const seenFile = join(folder, 'seen');
  const words = [acceptor, String(port), String(load.delayLoopMs)];
  if (load.kind === 'HTTP_GET') words.push('http');
  const { pid: acceptorPid } = namespaces.start('checks', seenFile, pinned(1, words));
  const pid = one === 'ours' ? startOurs(place, load) : await startTheirs(place, load);
  await pause(settleMs);
  const cpuBeforeNs = cpuNs(pid);
  process.kill(acceptorPid, 'SIGUSR1');
  await pause(watchedMs);
  const cpuSpentNs = cpuNs(pid) - cpuBeforeNs;
  const rssMb = rssKb(pid) / 1024;
  await namespaces.stop(acceptorPid);
  const seen = JSON.parse(readFileSync(seenFile, 'utf8')) as Seen;
  if (seen.accepted === 0) throw new BenchFailure(`${one}: nothing was checked`);
  return {
    whose: one,
    ...load,
    checksPerSecond: (seen.accepted / seen.durationMs) * 1000,
    cpuPerCheckUs: cpuSpentNs / 1000 / seen.accepted,
    cpuPercent: (cpuSpentNs / 1e6 / seen.durationMs) * 100,
    rssMb,
    lateP99Ms: seen.lateP99Ms,
    lateWorstMs: seen.lateWorstMs,
  };
}

/** Who checks and who is checked do not share a processor, where there are two. */
function pinned(processor: number, words: readonly string[]): readonly string[] {
  return availableParallelism() < 2 ? words : ['taskset', '-c', String(processor), ...words];
}

function startOurs({ namespaces, folder }: Place, load: CheckLoad): number {
  const child = join(checkout, 'build', 'bench', 'checks-child.js');
  // As every thread of the daemon (src/host/garbage-collection.ts).
  const node = [process.execPath, '--single-threaded-gc'];
  const words = pinned(0, [...node, child, JSON.stringify(load)]);
  return namespaces.start('checks', join(folder, 'ours'), words).pid;
}

/** The process of its checkers, which is a child of the one that is started. */
async function startTheirs({ namespaces, folder }: Place, load: CheckLoad): Promise<number> {
  const preload = join(folder, 'fake-ipvs.so');
  await compileC('fake-ipvs.c', preload, ['-O2', '-shared', '-fPIC']);
  const config = join(folder, 'keepalived.conf');
  writeFileSync(config, keepalivedText(load));
  const pidFile = join(folder, 'checkers.pid');
  const options = ['-n', '-l', '-G', '-C', '-f', config, '-p', join(folder, 'pid'), '-c', pidFile];
  const log = join(folder, 'theirs');
  const words = pinned(0, ['env', `LD_PRELOAD=${preload}`, keepalived, ...options]);
  namespaces.start('checks', log, words);
  try {
    await waitFor('the process of the checkers', timeoutMs, () => existsSync(pidFile));
  } catch {
    const lastWords = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
    throw new BenchFailure(`keepalived does not start:\n${lastWords}`);
  }
  return Number(readFileSync(pidFile, 'utf8'));
}

/** On a processor, user and system, of all threads. */
function cpuNs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
    return sum + Number(text.split(' ')[0]);
  }, 0);
}

function rssKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
