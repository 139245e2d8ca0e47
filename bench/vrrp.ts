// VRRP beside Debian's keepalived: how long a killed MASTER is missed, and what many instances
// cost. Both run in namespaces of their own, as users start them; what counts is what the wire
// shows, and what the kernel says of the processes.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../scripts/lab/checkout.js';
import { isAlive, Namespaces, pause, waitFor } from '../scripts/lab/namespaces.js';
import { BenchFailure } from './command.js';

const whose = ['ours', 'theirs'] as const;
type Whose = (typeof whose)[number];

const intervalsMs = [1000, 100, 10] as const;
const rounds = 5;
const instances = 250;
const watchedMs = 10_000;
const timeoutMs = 60_000;
const ticksPerSecond = 100;

type Failover = { readonly whose: Whose; readonly intervalMs: number; readonly ms: number[] };
type Cost = {
  readonly whose: Whose;
  readonly intervalMs: number;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly rssMb: number;
  readonly advertsPerSecond: number;
  /** Between two adverts of a router, beyond the interval. */
  readonly worstLateMs: number;
  readonly p99LateMs: number;
  /** From SIGTERM until no virtual address is left. */
  readonly stopMs: number;
};

type Stop = {
  readonly whose: Whose;
  /** From SIGTERM until no virtual address is left. */
  readonly releasedMs: number;
  /** Until the process has ended. */
  readonly endedMs: number;
  readonly interfacesLeft: number;
};

export async function benchVrrp(options: readonly string[]): Promise<number> {
  if (process.getuid?.() !== 0) throw new BenchFailure('network namespaces need root');
  if (!existsSync('/usr/sbin/keepalived')) throw new BenchFailure('keepalived is not installed');
  const isJson = options.includes('--json');
  for (const intervalMs of intervalsMs) {
    for (const one of whose) {
      const failover = await withPlace((place) => failovers(place, one, intervalMs));
      console.log(isJson ? JSON.stringify(failover) : failoverText(failover));
    }
  }
  for (const intervalMs of intervalsMs) {
    for (const one of whose) {
      const cost = await withPlace((place) => costOf(place, one, intervalMs));
      console.log(isJson ? JSON.stringify(cost) : costText(cost));
    }
  }
  for (const one of whose) {
    const stop = await withPlace((place) => stopOf(place, one));
    console.log(isJson ? JSON.stringify(stop) : stopText(stop));
  }
  return 0;
}

function stopText({ whose: one, releasedMs, endedMs, interfacesLeft }: Stop): string {
  return (
    `${instances} VMACs, SIGTERM, ${one}: all released after ${releasedMs.toFixed(0)} ms, ended ` +
    `after ${endedMs.toFixed(0)} ms, ${interfacesLeft} interfaces left behind`
  );
}

function failoverText({ whose: one, intervalMs, ms }: Failover): string {
  const sorted = [...ms].sort((left, right) => left - right).map((value) => value.toFixed(1));
  return `failover after kill -9, adverts every ${intervalMs} ms, ${one}: ${sorted.join(' ')} ms`;
}

function costText(cost: Cost): string {
  return (
    `${instances} instances, adverts every ${cost.intervalMs} ms, ${cost.whose}: ` +
    `${cost.cpuPercent.toFixed(1)} % of a core, ${cost.rssMb.toFixed(0)} MB, ` +
    `${cost.advertsPerSecond.toFixed(0)} adverts/s, late ${cost.p99LateMs.toFixed(2)} ms (p99) ` +
    `${cost.worstLateMs.toFixed(2)} ms (worst), all released ${cost.stopMs.toFixed(0)} ms after ` +
    'SIGTERM'
  );
}

type Place = { readonly namespaces: Namespaces; readonly folder: string };

/** Two nodes on a bridge; gone afterwards, whatever happens. */
async function withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    for (const name of ['net', 'a', 'b']) namespaces.add(name);
    namespaces.addBridge('net', 'br0');
    for (const [index, name] of ['a', 'b'].entries()) {
      namespaces.connect(name, 'eth0', 'net', 'br0');
      namespaces.ip(name, 'address', 'add', `192.0.2.${index + 1}/24`, 'dev', 'eth0');
    }
    return await use({ namespaces, folder });
  } finally {
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

let starts = 0;

function start({ namespaces, folder }: Place, one: Whose, node: 'a' | 'b', text: string): number {
  starts += 1;
  const config = join(folder, `${node}.conf`);
  const runtime = join(folder, `${node}-${one === 'ours' ? 0 : starts}`);
  mkdirSync(runtime, { recursive: true });
  writeFileSync(config, text);
  const ours = [process.execPath, command('keepalived'), '--runtime-dir', runtime];
  const theirs = ['keepalived', '-p', `${runtime}/pid`, '-r', `${runtime}/vrrp.pid`];
  const words = [...(one === 'ours' ? ours : theirs), '-nlGP', '-f', config];
  return namespaces.start(node, join(folder, `${node}.log`), words).pid;
}

function instanceText(number: number, priority: number, intervalMs: number, lines = ''): string {
  return `vrrp_instance V_${number} {
    interface eth0
    version 3
    virtual_router_id ${number}
    priority ${priority}
    advert_int ${intervalMs / 1000}
    ${lines}
    virtual_ipaddress {
        10.0.${Math.floor(number / 100)}.${number % 100}/32
    }
}
`;
}

/** Time and sender of each advert that the bridge carried. */
type Advert = { readonly atMs: number; readonly source: string; readonly router: string };

function capture({ namespaces, folder }: Place): () => readonly Advert[] {
  const file = join(folder, 'adverts');
  namespaces.start('net', file, ['tcpdump', '-ttlni', 'br0', '-B', '32768', 'ip', 'proto', '112']);
  return () =>
    (existsSync(file) ? readFileSync(file, 'utf8') : '').split('\n').flatMap((line) => {
      const found = /^(\d+\.\d+) IP (\S+) > .* vrid (\d+), prio (\d+)/.exec(line);
      if (found === null || found[4] === '0') return [];
      const [, at = '0', source = '', router = ''] = found;
      return [{ atMs: Number(at) * 1000, source, router }];
    });
}

/** From the last advert of the killed MASTER to the first of the other node. */
async function failovers(place: Place, one: Whose, intervalMs: number): Promise<Failover> {
  const adverts = capture(place);
  const ms: number[] = [];
  start(place, one, 'b', instanceText(51, 100, intervalMs));
  for (let round = 0; round < rounds; round++) {
    start(place, one, 'a', instanceText(51, 150, intervalMs));
    await waitFor('a is MASTER', timeoutMs, () => adverts().at(-1)?.source === '192.0.2.1');
    await pause(4 * intervalMs + 500);
    const killedMs = Date.now();
    for (const pid of pidsOf(place, 'a')) process.kill(pid, 'SIGKILL');
    await waitFor('b is MASTER', timeoutMs, () => adverts().at(-1)?.source === '192.0.2.2');
    const seen = adverts();
    const last = seen.findLast(({ source }) => source === '192.0.2.1')?.atMs ?? killedMs;
    const first = seen.find(({ atMs, source }) => atMs > last && source === '192.0.2.2');
    ms.push((first?.atMs ?? Number.NaN) - last);
    for (const address of ['10.0.0.51/32']) {
      try {
        place.namespaces.ip('a', 'address', 'del', address, 'dev', 'eth0');
      } catch {
        // A lease has ended by itself.
      }
    }
    await pause(200);
  }
  return { whose: one, intervalMs, ms };
}

function pidsOf({ namespaces }: Place, node: 'a' | 'b'): readonly number[] {
  const words = ['netns', 'pids', namespaces.fullName(node)];
  const lines = execFileSync('ip', words, { encoding: 'utf8' }).trim().split('\n');
  return lines.filter((line) => line !== '').map(Number);
}

async function costOf(place: Place, one: Whose, intervalMs: number): Promise<Cost> {
  const text = Array.from({ length: instances }, (_, index) =>
    instanceText(index + 1, 150, intervalMs),
  );
  start(place, one, 'a', text.join(''));
  const held = (): number =>
    place.namespaces.ip('a', '-o', 'address', 'show', 'dev', 'eth0').split(' 10.0.').length - 1;
  await waitFor('every instance is MASTER', timeoutMs, () => held() === instances);
  // The second burst of gratuitous ARP, five seconds after the first, is none of what counts.
  await pause(7000);
  const adverts = capture(place);
  await waitFor('adverts are seen', timeoutMs, () => adverts().length > 0);
  const before = cpuTicks(place);
  const beforeMs = performance.now();
  await pause(watchedMs);
  const ticks = cpuTicks(place) - before;
  const tookMs = performance.now() - beforeMs;
  const seen = adverts();
  const late = lateness(seen, intervalMs);
  const rssMb = rssKb(place) / 1024;
  const spanMs = (seen.at(-1)?.atMs ?? 0) - (seen[0]?.atMs ?? 0);
  const stoppedMs = performance.now();
  for (const pid of pidsOf(place, 'a').slice(0, 1)) process.kill(pid, 'SIGTERM');
  await waitFor('nothing is held', timeoutMs, () => held() === 0);
  return {
    whose: one,
    intervalMs,
    cpuPercent: ((ticks / ticksPerSecond) * 1000 * 100) / tookMs,
    rssMb,
    advertsPerSecond: (seen.length * 1000) / spanMs,
    worstLateMs: late.at(-1) ?? Number.NaN,
    p99LateMs: late[Math.floor(late.length * 0.99)] ?? Number.NaN,
    stopMs: performance.now() - stoppedMs,
  };
}

async function stopOf(place: Place, one: Whose): Promise<Stop> {
  const text = Array.from({ length: instances }, (_, index) =>
    instanceText(index + 1, 150, intervalsMs[0], 'use_vmac'),
  );
  const pid = start(place, one, 'a', text.join(''));
  const shown = (...words: string[]): readonly string[] =>
    place.namespaces.ip('a', '-o', ...words).split('\n');
  const held = (): number =>
    shown('address', 'show').filter((line) => line.includes(' 10.0.')).length;
  await waitFor('every instance is MASTER', timeoutMs, () => held() === instances);
  await pause(7000);
  const startMs = performance.now();
  process.kill(pid, 'SIGTERM');
  await waitFor('nothing is held', timeoutMs, () => held() === 0);
  const releasedMs = performance.now() - startMs;
  await waitFor('the end', timeoutMs, () => !isAlive(pid));
  return {
    whose: one,
    releasedMs,
    endedMs: performance.now() - startMs,
    interfacesLeft: shown('link', 'show', 'type', 'macvlan').filter((line) => line !== '').length,
  };
}

/** Ascending, in milliseconds. */
function lateness(adverts: readonly Advert[], intervalMs: number): readonly number[] {
  const lastMs = new Map<string, number>();
  const late: number[] = [];
  for (const { router, atMs } of adverts) {
    const before = lastMs.get(router);
    if (before !== undefined) late.push(atMs - before - intervalMs);
    lastMs.set(router, atMs);
  }
  return late.sort((left, right) => left - right);
}

function cpuTicks(place: Place): number {
  const own = pidsOf(place, 'a').map((pid) => {
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const fields = rest.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return own.reduce((sum, ticks) => sum + ticks, 0);
}

function rssKb(place: Place): number {
  const own = pidsOf(place, 'a').map((pid) => {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  });
  return own.reduce((sum, kb) => sum + kb, 0);
}
