// Two load balancers and a router in virtual time, each with everything of routing that the daemon
// runs in its main thread: what is announced, BGP over a simulated TCP, BFD over a simulated UDP.
// They live, are killed and start again; a cable is in or out. The router remembers with a reader
// of UPDATEs of its own.
import { BfdWatch } from '../../src/daemon/bfd-watch.js';
import { BgpSpeakers, type BgpSpeakersWorld } from '../../src/daemon/bgp-speakers.js';
import { Routing } from '../../src/daemon/routing.js';
import { type IpAddress, ipAddress } from '../../src/net/address.js';
import type { Clock, Timer } from '../../src/ports/clock.js';
import type { Log } from '../../src/ports/log.js';
import type { Random } from '../../src/ports/random.js';
import { announcementPlan } from '../../src/routing/announcement/plan.js';
import type { ServiceFact } from '../../src/routing/announcement/verdict.js';
import type { Drains } from '../../src/routing/announcements.js';
import { configOf } from '../config/text.js';
import { plane, server } from '../routing/announcement/examples.js';
import { WatchedTcp } from '../routing/bgp/watched-tcp.js';
import type { SimulatedClock } from '../sim/clock.js';
import { SimulatedHops } from '../sim/hop-datagrams.js';
import { SimulatedKernel } from '../sim/kernel.js';
import { SimulatedTcp, type SimulatedTcpHost } from '../sim/tcp-sessions.js';

export const routerAddress = ipAddress('192.0.2.254');
export const nodeAddresses = [ipAddress('192.0.2.1'), ipAddress('192.0.2.2')] as const;
export const holdDownMs = 2_000;
export const drainMs = 6_000;
export const medOfDegraded = 500;
/** The last one is in no list: it is announced by the file, and never to anybody. */
export const vips = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '198.51.100.9'] as const;
export type Vip = (typeof vips)[number];
export const outside: Vip = '198.51.100.9';
/** It is put on an interface, too. */
export const onInterface: Vip = '203.0.113.3';

const heartbeatMs = 1_000;
const quiet: Log = { write: () => {} };

export class Network {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly tcp: SimulatedTcp;
  readonly hops: SimulatedHops;
  readonly #cut = new Set<IpAddress>();

  constructor(clock: SimulatedClock, random: Random) {
    this.clock = clock;
    this.random = random;
    this.tcp = new SimulatedTcp(clock, random);
    this.hops = new SimulatedHops(clock, random);
    const isCut = (from: IpAddress, to: IpAddress): boolean =>
      this.#cut.has(from) || this.#cut.has(to);
    this.tcp.isCutBetween = isCut;
    this.hops.isCut = isCut;
  }

  plug(node: IpAddress, isIn: boolean): void {
    if (isIn) this.#cut.delete(node);
    else this.#cut.add(node);
  }

  isIn(node: IpAddress): boolean {
    return !this.#cut.has(node);
  }
}

/** The clock of a process: what it has set up does nothing any more when it is dead. */
class Life implements Clock {
  readonly #clock: Clock;
  isAlive = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  setTimer(delayMs: number, expired: () => void): Timer {
    return this.#clock.setTimer(delayMs, () => {
      if (this.isAlive) expired();
    });
  }
}

/** What both kinds of machine run: a process that has TCP, and BFD with a heartbeat. */
abstract class Process {
  readonly address: IpAddress;
  protected readonly network: Network;
  protected readonly life: Life;
  protected readonly bfd: BfdWatch;
  readonly watch: WatchedTcp;
  readonly #host: SimulatedTcpHost;

  constructor(network: Network, address: IpAddress) {
    this.network = network;
    this.address = address;
    this.life = new Life(network.clock);
    this.#host = network.tcp.host(address);
    this.watch = new WatchedTcp(this.#host, (prefix) => prefix.startsWith('203.0.113.'));
    this.bfd = new BfdWatch({
      clock: this.life,
      random: network.random,
      datagrams: network.hops.attach(address),
      log: quiet,
      learn: () => {},
      tell: () => {},
    });
    this.#beat();
  }

  /** `isSilent`: the machine loses its power; else its kernel says so to all connections. */
  kill(isSilent: boolean): void {
    this.life.isAlive = false;
    this.network.hops.detach(this.address);
    this.#host.kill({ isSilent });
    this.watch.forget();
  }

  protected get speakerWorld(): Omit<BgpSpeakersWorld, 'report'> {
    const { network, life, watch, bfd } = this;
    return {
      clock: life,
      random: network.random,
      tcp: watch,
      log: quiet,
      hostName: '',
      isRestarting: false,
      isForwarding: false,
      wantBfd: (wanted, changed) => bfd.want('bgp', wanted, changed),
    };
  }

  #beat(): void {
    this.bfd.heartbeat();
    this.life.setTimer(heartbeatMs, () => this.#beat());
  }
}

/** Settings of a node; nodes differ in how much they are wanted. */
function nodeText(address: IpAddress, med: number): string {
  const block = [
    'bgp edge {\n}',
    `hold_down ${holdDownMs / 1000}\nhold_down_max 8`,
    `drain_time ${drainMs / 1000}`,
    `degraded_below 60\ndegraded_med ${medOfDegraded}`,
  ].join('\n');
  const session = `neighbor ${routerAddress} {\nremote_as 65000\nbfd on\nmed ${med}\n}`;
  const allow = 'allow {\n203.0.113.0/24 ge 32\n}';
  const instance = `local_as 64512\nrouter_id ${address}\n${allow}\n${session}`;
  const servers = vips.map((vip) =>
    server(`${vip} 80`, vip === onInterface ? `${block}\nkernel` : block),
  );
  return [plane, `bgp_instance edge {\n${instance}\n}\n`, ...servers].join('');
}

const configs = nodeAddresses.map((address, index) => configOf(nodeText(address, medOf(index))));

export function medOf(index: number): number {
  return 10 * (index + 1);
}

export class LoadBalancer extends Process {
  readonly index: number;
  readonly kernel = new SimulatedKernel();
  readonly #routing: Routing;

  constructor(network: Network, index: number, drains: Drains) {
    super(network, nodeAddresses[index] ?? routerAddress);
    this.index = index;
    this.kernel.addLink('lo');
    this.#routing = new Routing({
      ...this.speakerWorld,
      kernel: this.kernel,
      answer: () => {},
      bgpChanged: () => {},
    });
    const config = configs[index]?.config;
    if (config === undefined) throw new Error('assertion: each node has a file');
    this.#routing.hear({ type: 'drains', drains });
    this.#routing.hear({ type: 'announcement_plan', plan: announcementPlan(config) });
    this.#routing.dataplane(true);
    this.#routing.control(true);
    void this.#routing.configure(config.bgpInstances, null);
  }

  /** What its checkers find out, some time later. */
  learn(facts: readonly ServiceFact[], delayMs: number): void {
    this.life.setTimer(delayMs, () => this.#routing.hear({ type: 'service_facts', facts }));
  }

  drain(drains: Drains): void {
    this.#routing.hear({ type: 'drains', drains });
  }

  /** The process ends when that has. */
  async stop(): Promise<void> {
    await this.#routing.stop();
  }
}

export class Router extends Process {
  readonly #speakers: BgpSpeakers;

  constructor(network: Network) {
    super(network, routerAddress);
    const neighbors = nodeAddresses.map(
      (address) => `neighbor ${address} {\nremote_as 64512\nbfd on\n}`,
    );
    const { config } = configOf(
      `bgp_instance R {\nlocal_as 65000\nrouter_id ${routerAddress}\n${neighbors.join('\n')}\n}\n`,
    );
    this.#speakers = new BgpSpeakers({ ...this.speakerWorld, report: () => {} });
    this.#speakers.configure(config.bgpInstances, null);
  }

  routesOf(node: IpAddress): ReadonlyMap<string, Uint8Array> {
    return this.watch.learntFrom(node);
  }
}
