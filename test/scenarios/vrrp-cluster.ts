// The story of a cluster: two, three or five VRRP routers, one or two instances each, through
// phases of trouble (loss, delay, duplicates, partitions, crashes, stalls, reloads, drifting
// clocks) and of calm, in which everything must be right.
import type { VrrpInstance } from '../../src/config/vrrp.js';
import { masterDownIntervalMs } from '../../src/ha/vrrp/timing.js';
import { ipAddress } from '../../src/net/address.js';
import { parsePrefix } from '../../src/net/prefix.js';
import type { Random } from '../../src/ports/random.js';
import { garp, instance as vrrpInstance } from '../ha/vrrp/instance.js';
import { between, chance, integer, pick } from '../sim/random.js';
import { World } from '../sim/world.js';
import { SimulatedRouter } from './vrrp-router.js';

const phasesMax = 2;
/** In intervals of adverts. */
const trouble = 25;
const watched = 6;

export type Cluster = {
  readonly world: World;
  readonly routers: readonly SimulatedRouter[];
  readonly intervalMs: number;
  /** From the last disturbance until everything must be right. */
  readonly settleMs: number;
};

function clusterOf(seed: number): Cluster {
  const world = new World(seed);
  const { random } = world;
  const version = pick(random, [2, 3] as const);
  const intervalMs = version === 2 ? 1000 : pick(random, [10, 100, 1000]);
  const preempts = chance(random, 75);
  const preemptDelayMs = preempts && chance(random, 20) ? between(random, 1, 5) * intervalMs : 0;
  const isGroup = chance(random, 40);
  const count = pick(random, [2, 3, 5]);
  const common: Partial<VrrpInstance> = {
    version,
    advertIntervalMs: intervalMs,
    preempts,
    preemptDelayMs: Math.round(preemptDelayMs),
    leases: chance(random, 50),
    garp: { ...garp, masterDelayMs: 5 * intervalMs },
  };
  const latencyMsMax = intervalMs / 50;
  const routers = Array.from({ length: count }, (_, index) => {
    const priority = integer(random, 1, 254);
    const names = isGroup || chance(random, 30) ? ['V_1', 'V_2'] : ['V_1'];
    const instances = names.map((name, number) =>
      instanceOf(common, name, number, priority, isGroup),
    );
    const address = ipAddress(`10.0.0.${index + 1}`);
    return new SimulatedRouter(world, address, instances, {
      rate: between(random, 0.995, 1.005),
      latencyMsMax,
    });
  });
  world.wire.delayMsMax = intervalMs / 50;
  const slowest = { instance: vrrpInstance(common), priority: 1, masterIntervalMs: intervalMs };
  const settleMs = 2 * masterDownIntervalMs(slowest) + preemptDelayMs + 2 * intervalMs;
  return { world, routers, intervalMs, settleMs };
}

function instanceOf(
  common: Partial<VrrpInstance>,
  name: string,
  number: number,
  priority: number,
  isGroup: boolean,
): VrrpInstance {
  const prefix = parsePrefix(`10.0.1.${number + 1}/32`)._unsafeUnwrap();
  return vrrpInstance({
    ...common,
    name,
    virtualRouterId: 51 + number,
    priority,
    syncGroup: isGroup ? 'G' : null,
    virtualAddresses: [{ prefix, device: 'eth0' }],
  });
}

function strike({ world, routers, intervalMs }: Cluster): void {
  const { random, wire, clock } = world;
  const router = pick(random, routers);
  const span = (low: number, high: number): number => between(random, low, high) * intervalMs;
  const faults: readonly (() => void)[] = [
    () => router.kill(),
    () => void router.stopGracefully(),
    () => router.stall(span(0.1, 8)),
    () => router.reload(reloaded(random, router.instances)),
    () => {
      wire.lossPercent = between(random, 1, 60);
      clock.setTimer(span(1, 6), () => {
        wire.lossPercent = 0;
      });
    },
    () => {
      wire.duplicatePercent = 30;
      wire.delayMsMax = intervalMs / 4;
    },
    () => {
      const side = new Set(routers.filter(() => chance(random, 50)).map(({ address }) => address));
      world.tell(`a partition: ${[...side].join(' ')}`);
      wire.isApart = (left, right) => side.has(left) !== side.has(right);
      clock.setTimer(span(0.5, 12), () => {
        wire.isApart = () => false;
      });
    },
  ];
  pick(random, faults)();
  clock.setTimer(span(0, 8), () => router.start());
}

/** Both instances of a router keep one priority, as a sync group must. */
function reloaded(random: Random, instances: readonly VrrpInstance[]): readonly VrrpInstance[] {
  const priority = integer(random, 1, 254);
  return instances.map((instance) => ({ ...instance, priority }));
}

/** Everything runs, and nothing is lost any more. */
function calm({ world, routers, intervalMs }: Cluster): void {
  world.tell('calm');
  world.wire.lossPercent = 0;
  world.wire.duplicatePercent = 0;
  world.wire.delayMsMax = intervalMs / 50;
  world.wire.isApart = () => false;
  for (const router of routers) router.start();
}

/** What is wrong now; null: nothing. */
export function faultOf({ routers }: Cluster): string | null {
  const names = new Set(routers.flatMap(({ instances }) => instances.map(({ name }) => name)));
  for (const name of names) {
    const members = routers.filter(({ instances }) => instances.some((one) => one.name === name));
    const masters = members.filter((router) => router.state(name) === 'MASTER');
    if (masters.length !== 1) return `${name} has ${masters.length} masters`;
    if (members.some((router) => !['MASTER', 'BACKUP'].includes(router.state(name)))) {
      return `${name} is neither MASTER nor BACKUP somewhere`;
    }
    const [master] = masters;
    if (master !== undefined && !isRightful(master, members, name)) {
      return `${master.address} is MASTER of ${name}, and not the highest`;
    }
  }
  return routers.every(hasAgreement) ? null : 'members of a sync group differ';
}

function isRightful(
  master: SimulatedRouter,
  members: readonly SimulatedRouter[],
  name: string,
): boolean {
  const priorityOf = (router: SimulatedRouter): number =>
    router.instances.find((one) => one.name === name)?.priority ?? 0;
  const preempts = master.instances.every((one) => one.preempts);
  return !preempts || members.every((other) => priorityOf(other) <= priorityOf(master));
}

function hasAgreement(router: SimulatedRouter): boolean {
  const grouped = router.instances.filter(({ syncGroup }) => syncGroup !== null);
  return new Set(grouped.map(({ name }) => router.state(name))).size <= 1;
}

export async function tellCluster(
  seed: number,
): Promise<{ violation: string | null; cluster: Cluster }> {
  const cluster = clusterOf(seed);
  const { world, routers, intervalMs, settleMs } = cluster;
  for (const router of routers) {
    const { priority, preempts } = router.instances[0] ?? vrrpInstance();
    world.tell(`${router.address} has priority ${priority}${preempts ? '' : ', nopreempt'}`);
    world.clock.setTimer(between(world.random, 0, 3) * intervalMs, () => router.start());
  }
  let violation: string | null = null;
  let untilMs = 0;
  const phases = integer(world.random, 1, phasesMax);
  for (let phase = 0; phase < phases && violation === null; phase++) {
    for (let at = between(world.random, 0, 6); at < trouble; at += between(world.random, 0.1, 6)) {
      world.clock.setTimer(at * intervalMs, () => strike(cluster));
    }
    // A stall or a partition that began late ends, and who was stopping has stopped.
    untilMs += (trouble + 13) * intervalMs;
    await world.runUntil(untilMs, () => {});
    calm(cluster);
    untilMs += settleMs;
    await world.runUntil(untilMs, () => {});
    const before = routers.map(({ changes }) => changes).join();
    untilMs += watched * intervalMs;
    await world.runUntil(untilMs, () => {
      violation ??= faultOf(cluster);
    });
    const after = routers.map(({ changes }) => changes).join();
    if (before !== after) violation ??= 'a state changed while nothing happened';
    if (violation !== null) world.tell(`VIOLATION: ${violation}`);
  }
  return { violation, cluster };
}
