// Announcing beside BIRD and ExaBGP, without the data plane: how long a router forwards to an
// announcer that is gone, how long ten thousand prefixes take, and what a neighbour with a million
// routes does to us. `--rounds N`, `--only failover|prefixes|flood`, `--json`.
import { existsSync } from 'node:fs';
import { isAlive, pause, waitFor } from '../scripts/lab/namespaces.js';
import { FrrBgp } from '../test/scenarios/bgp-frr.js';
import { routerNeighbor } from '../test/scenarios/bgp-routers.js';
import { FibWatch } from '../test/scenarios/fib-watch.js';
import { benchFlood, floodText } from './announce-flood.js';
import { ownAddress, type Place, routerAddress, withPlace } from './announce-place.js';
import {
  type AnnouncerName,
  announcerAs,
  announcerNames,
  announcers,
  logOf,
  prefixList,
  routerAs,
} from './announcers.js';
import { BenchFailure } from './command.js';
import { MeasuringPeer } from './measuring-peer.js';

const timeoutMs = 60_000;
const prefixes = 10_000;
const defaultRounds = 5;
/** Whoever was told of the last prefix says so to itself. */
const settleMs = 1_000;
/** Beyond the hold time. */
const goneBoundMs = 20_000;

type End = {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  readonly bfdMs: number | null;
};
const ends: readonly End[] = [
  { name: 'kill -9', signal: 'SIGKILL', bfdMs: null },
  { name: 'SIGTERM', signal: 'SIGTERM', bfdMs: null },
  { name: 'SIGSTOP, BFD 50 ms x 3', signal: 'SIGSTOP', bfdMs: 50 },
  { name: 'SIGSTOP, BFD 100 ms x 3', signal: 'SIGSTOP', bfdMs: 100 },
];

type Failover = { readonly end: string; readonly whose: AnnouncerName; readonly ms: number[] };
type Announced = {
  readonly whose: AnnouncerName;
  /** From Established until the neighbour had been told the last one. */
  readonly ms: number[];
  /** Until 99 of 100: BIRD 2.0.12 keeps the last UPDATE back until it wakes up again. */
  readonly mostMs: number[];
  readonly updates: number;
  readonly octets: number;
};

export async function benchAnnounce(options: readonly string[]): Promise<number> {
  if (process.getuid?.() !== 0) throw new BenchFailure('network namespaces need root');
  if (!existsSync('/usr/lib/frr/bgpd')) throw new BenchFailure('FRR is not installed');
  const given = options.indexOf('--rounds');
  const rounds = given < 0 ? defaultRounds : Number(options[given + 1]);
  if (!(rounds >= 1)) throw new BenchFailure('--rounds wants a number, 1 or more');
  const only = options.includes('--only') ? options[options.indexOf('--only') + 1] : null;
  const wants = (part: string): boolean => only === null || only === part;
  const isJson = options.includes('--json');
  const print = <T>(row: T, text: (row: T) => string): void =>
    console.log(isJson ? JSON.stringify(row) : text(row));

  if (wants('failover')) {
    for (const end of ends) {
      for (const whose of ['ours', 'bird'] as const) {
        if (tellMissing(whose)) continue;
        print(await withPlace((place) => failovers(place, whose, end, rounds)), failoverText);
      }
    }
  }
  if (wants('prefixes')) {
    for (const whose of announcerNames) {
      if (tellMissing(whose)) continue;
      print(await withPlace((place) => announced(place, whose, rounds)), announcedText);
    }
  }
  if (wants('flood')) {
    for (const perUpdate of [1000, 10]) {
      print(await withPlace((place) => benchFlood(place, perUpdate)), floodText);
    }
  }
  return 0;
}

function tellMissing(whose: AnnouncerName): boolean {
  if (announcers[whose].program !== null) return false;
  console.log(`${whose}: not installed`);
  return true;
}

/** Until its next hop has left the kernel of the router, by the kernel's own report. */
async function failovers(
  place: Place,
  whose: AnnouncerName,
  { name, signal, bfdMs }: End,
  rounds: number,
): Promise<Failover> {
  const { namespaces, folder } = place;
  const fib = new FibWatch(namespaces, 'router', `${folder}/fib`);
  const router = new FrrBgp({
    ...{ namespaces, node: 'router', folder, localAs: routerAs, routerId: routerAddress },
    neighbors: [routerNeighbor(ownAddress, announcerAs, { bfdMs, families: ['ipv4'] })],
    routes: [],
  });
  await router.start();
  const setup = place.setup(prefixList(1), bfdMs);
  const [prefix = ''] = setup.prefixes.map((one) => one.replace('/32', ''));
  const ms: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const pid = announcers[whose].start(setup);
    await waitFor(`${whose} announces`, timeoutMs, async () => {
      if (!isAlive(pid)) throw new BenchFailure(`${whose} ended:\n${logOf(whose, setup)}`);
      return fib.hops(prefix).length === 1;
    });
    if (bfdMs !== null) {
      await waitFor('BFD', timeoutMs, async () => (await router.bfd(ownAddress)) === 'up');
    }
    // A first session that BFD ends again is over by now, and keepalives come at all phases.
    await pause(1500 + 370 * (round % 5));
    await waitFor('the route is still there', timeoutMs, () => fib.hops(prefix).length === 1);
    const fromMs = Date.now();
    process.kill(pid, signal);
    const bound = { fromMs, boundMs: goneBoundMs };
    const gone = await fib.until(prefix, 'the route leaves', (hops) => hops.length === 0, bound);
    ms.push(gone.atMs - fromMs);
    await endOf(place, pid);
  }
  return { end: name, whose, ms };
}

async function endOf({ namespaces }: Place, pid: number): Promise<void> {
  if (isAlive(pid)) process.kill(pid, 'SIGCONT');
  await namespaces.stop(pid, 'SIGKILL');
}

/**
 * The session is ended and made again, again and again: of the first one the announcer's own start
 * would be part.
 */
async function announced(place: Place, whose: AnnouncerName, rounds: number): Promise<Announced> {
  const setup = place.setup(prefixList(prefixes), null);
  const peer = new MeasuringPeer(place.namespaces, 'router', routerAs, routerAddress);
  await peer.next('listening', timeoutMs);
  announcers[whose].start(setup);
  await peer.told(prefixes, timeoutMs);
  const ms: number[] = [];
  const mostMs: number[] = [];
  let [updates, octets] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    await pause(settleMs);
    await peer.close(timeoutMs);
    const { atMs } = await peer.next('established', timeoutMs);
    const all = await peer.told(prefixes, timeoutMs, atMs);
    const most = await peer.told(prefixes * 0.99, timeoutMs, atMs);
    ms.push(all.atMs - atMs);
    mostMs.push(most.atMs - atMs);
    ({ updates, octets } = all);
  }
  return { whose, ms, mostMs, updates, octets };
}

function failoverText({ end, whose, ms }: Failover): string {
  return `route gone after ${end}, ${whose}: ${sorted(ms)} ms`;
}

function announcedText({ whose, ms, mostMs, updates, octets }: Announced): string {
  const times = `99 of 100 after ${sorted(mostMs)} ms, all after ${sorted(ms)} ms`;
  const kib = (octets / 1024).toFixed(1);
  return `${prefixes} prefixes, ${whose}: ${times}, ${updates} UPDATEs, ${kib} KiB`;
}

function sorted(ms: readonly number[]): string {
  return ms
    .toSorted((left, right) => left - right)
    .map((value) => value.toFixed(0))
    .join(' ');
}
