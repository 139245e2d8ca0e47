// How late adverts get while a large file is loaded and planned: a node with ten VRRP instances
// and a data plane is told to reload, again and again, a file of 96 000 lines in which a hundred
// services change. What counts is what a neighbour sees: tcpdump at the other end of the wire. With
// --loaded the node runs 5 000 checks a second meanwhile, and is asked for its status in a loop;
// --interval sets the milliseconds between adverts.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../scripts/lab/checkout.js';
import { Namespaces, pause, waitFor } from '../scripts/lab/namespaces.js';
import { lateBoundMs } from '../src/ha/vrrp/advert-lateness.js';
import { BenchFailure } from './command.js';
import { adoptDataplane, fileText, instances, loadedText, serveChecks } from './loaded-node.js';

const reloads = 12;
const pauseMs = 1000;
const quietMs = 10_000;
const startTimeoutMs = 120_000;

type Advert = { readonly atMs: number; readonly router: string };
type Lateness = {
  readonly adverts: number;
  readonly worstMs: number;
  readonly meanMs: number;
  /** Of a hundred adverts 99 are not later. */
  readonly p99Ms: number;
  /** Later than a fifth of the interval, or 3 ms. */
  readonly beyond: number;
};

export async function benchReload(options: readonly string[]): Promise<number> {
  const isLoaded = options.includes('--loaded');
  const given = options.indexOf('--interval');
  const intervalMs = given < 0 ? 1000 : Number(options[given + 1]);
  if (!(intervalMs >= 10)) throw new BenchFailure('--interval wants milliseconds, 10 or more');
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    const { quiet, reloading, reloadMs, own } = await measure(
      namespaces,
      folder,
      isLoaded,
      intervalMs,
    );
    if (options.includes('--json'))
      console.log(JSON.stringify({ quiet, reloading, reloadMs, own }));
    else {
      console.log(`${instances} instances, adverts every ${intervalMs} ms, as the wire shows them`);
      if (isLoaded) console.log('5 000 checks a second, and the status asked for in a loop');
      console.log(`quiet      ${text(quiet)}`);
      console.log(`reloading  ${text(reloading)}`);
      const worst = own.worstMs.toFixed(2);
      console.log(
        `in the daemon since its start: worst ${worst} ms, ${own.beyond} beyond the bound`,
      );
      console.log(
        `a reload of 96k lines took ${reloadMs.map((ms) => ms.toFixed(0)).join(', ')} ms`,
      );
    }
  } finally {
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

function text({ adverts, worstMs, meanMs, p99Ms, beyond }: Lateness): string {
  const figures = [
    `worst ${worstMs.toFixed(2)}`,
    `p99 ${p99Ms.toFixed(2)}`,
    `mean ${meanMs.toFixed(2)}`,
  ];
  return `${figures.join(', ')} ms late, ${adverts} adverts, ${beyond} beyond the bound`;
}

async function measure(
  namespaces: Namespaces,
  folder: string,
  isLoaded: boolean,
  intervalMs: number,
) {
  for (const name of ['node', 'net']) namespaces.add(name);
  namespaces.addBridge('net', 'br0');
  namespaces.connect('node', 'eth0', 'net', 'br0');
  namespaces.ip('node', 'address', 'add', '192.0.2.1/24', 'dev', 'eth0');
  const capture = join(folder, 'adverts');
  const words = ['tcpdump', '-ttlni', 'br0', 'ip', 'proto', '112'];
  const tcpdump = namespaces.start('net', capture, words);
  const config = join(folder, 'keepalived.conf');
  const log = join(folder, 'log');
  mkdirSync(join(folder, 'run'));
  const fileOf = isLoaded ? loadedText : fileText;
  writeFileSync(config, fileOf(1, intervalMs));
  // A kernel without preemption copies megabytes to a file at a stretch: not while we measure.
  const nextFiles = Array.from({ length: reloads }, (_, index) => {
    const next = join(folder, `next-${index}`);
    writeFileSync(next, fileOf(index + 2, intervalMs));
    return next;
  });
  if (isLoaded) await serveChecks(namespaces, folder);
  const daemon = namespaces.start('node', log, [
    process.execPath,
    command('keepalived'),
    '-nlG',
    '-f',
    config,
    '--runtime-dir',
    join(folder, 'run'),
  ]);
  await waitFor('adverts of every instance', startTimeoutMs, () => {
    return new Set(advertsIn(capture).map(({ router }) => router)).size === instances;
  });
  adoptDataplane(namespaces, join(folder, 'run'));
  if (isLoaded) askForStatus(namespaces, folder);
  await pause(quietMs / 2);
  const quietFrom = Date.now();
  await pause(quietMs);
  const reloadFrom = Date.now();
  const reloadMs: number[] = [];
  for (const [round, next] of nextFiles.entries()) {
    renameSync(next, config);
    const started = Date.now();
    process.kill(daemon.pid, 'SIGHUP');
    await waitFor('the end of the reload', startTimeoutMs, () => finished(log) > round);
    reloadMs.push(Date.now() - started);
    await pause(pauseMs);
  }
  const end = Date.now();
  const own = ownLateness(namespaces, folder);
  await namespaces.stop(daemon.pid);
  await namespaces.stop(tcpdump.pid);
  const adverts = advertsIn(capture);
  return {
    quiet: latenessOf(adverts, quietFrom, reloadFrom, intervalMs),
    reloading: latenessOf(adverts, reloadFrom, end, intervalMs),
    reloadMs,
    own,
  };
}

/** As the daemon counts since its start: what is on the wire later was late behind it. */
function ownLateness(namespaces: Namespaces, folder: string): Pick<Lateness, 'worstMs' | 'beyond'> {
  const words = [command('keelson'), 'status', '--json', '--runtime-dir', join(folder, 'run')];
  const status = JSON.parse(namespaces.run('node', process.execPath, ...words)) as {
    readonly vrrp: readonly { readonly lateness: { worstMs: number; late: number } }[];
  };
  const all = status.vrrp.map(({ lateness }) => lateness);
  return {
    worstMs: Math.max(...all.map(({ worstMs }) => worstMs)),
    beyond: all.reduce((sum, { late }) => sum + late, 0),
  };
}

function askForStatus(namespaces: Namespaces, folder: string): void {
  const status = [process.execPath, command('keelson'), 'status', '--json'];
  const place = ['--runtime-dir', join(folder, 'run')];
  const loop = 'while "$@" > /dev/null; do sleep 0.2; done';
  namespaces.start('node', join(folder, 'asked'), ['sh', '-c', loop, 'sh', ...status, ...place]);
}

function finished(log: string): number {
  return readFileSync(log, 'utf8').split('Reload finished').length - 1;
}

function advertsIn(capture: string): readonly Advert[] {
  const lines = readFileSync(capture, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const found = /^(\d+\.\d+) .*vrid (\d+),/.exec(line);
    const [, seconds, router] = found ?? [];
    return router === undefined ? [] : [{ atMs: Number(seconds) * 1000, router }];
  });
}

/** By how much the time between two adverts of one router exceeds the interval. */
function latenessOf(
  adverts: readonly Advert[],
  fromMs: number,
  untilMs: number,
  intervalMs: number,
): Lateness {
  const previous = new Map<string, number>();
  const late: number[] = [];
  for (const { atMs, router } of adverts) {
    const before = previous.get(router);
    previous.set(router, atMs);
    if (before === undefined || atMs < fromMs || atMs > untilMs) continue;
    late.push(Math.max(0, atMs - before - intervalMs));
  }
  const sum = late.reduce((total, one) => total + one, 0);
  const sorted = late.toSorted((left, right) => left - right);
  return {
    adverts: late.length,
    worstMs: sorted.at(-1) ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    beyond: late.filter((ms) => ms > lateBoundMs(intervalMs)).length,
    meanMs: sum / late.length,
  };
}
