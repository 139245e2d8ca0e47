// Where BGP runs: feeds facts to Announcements and does what they ask for, on the main thread. Many
// addresses at once are looked at in portions, so that no call takes over 2 ms. Wire it so:
// `configure`, `services` and `drain` from messages of the control thread, `vrrp` from the
// speakers' reports, `dataplane` and `control` from the protocol loop.

import type { VrrpFact } from '../ha/vrrp/speaker.js';
import { BoundedLog } from '../health/bounded-log.js';
import type { IpAddress } from '../net/address.js';
import { formatPrefix, networkOf, type Prefix } from '../net/prefix.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { AnnouncedPrefix } from '../routing/announced-prefix.js';
import type { AnnouncedRoute } from '../routing/announced-route.js';
import type { AnnouncementPlan, KernelAddress } from '../routing/announcement/announced-address.js';
import { isAnnouncedIn } from '../routing/announcement/machine.js';
import { reasonOf } from '../routing/announcement/reason.js';
import type { ServiceFact } from '../routing/announcement/verdict.js';
import { type AnnouncementEffect, Announcements, type Drains } from '../routing/announcements.js';
import {
  type AnnouncementStatus,
  announcementStatuses,
  type RouteNeighbor,
  type WhyReport,
  whyReport,
} from './why-report.js';

/** Addresses that are looked at without a pause: about a millisecond. */
const portion = 200;
/** After this an address that the kernel does not confirm is announced without it. */
const addBoundMs = 1_000;
/** From the withdrawal to the end of the address: routers act in less. */
const removeDelayMs = 1_000;

export type AnnouncingWorld = {
  readonly clock: Clock;
  readonly log: Log;
  /** All that a bgp_instance is to tell; level-triggered. Equal routes are the same objects. */
  readonly announceBgp: (instance: string, routes: readonly AnnouncedRoute[]) => void;
  readonly announceOspf: (instance: string, prefixes: readonly AnnouncedPrefix[]) => void;
  /** `ended`: the address is there, or cannot be (which the world logs). */
  readonly addAddress: (address: KernelAddress, ended: () => void) => void;
  readonly removeAddress: (address: KernelAddress) => void;
  /** What each neighbour of a bgp_instance was told of a prefix; asked for by operators alone. */
  readonly neighborsOf: (instance: string, prefix: Prefix) => readonly RouteNeighbor[];
};

export class Announcing {
  readonly #world: AnnouncingWorld;
  readonly #log: Log;
  readonly #announcements = new Announcements();
  #timer: { readonly atMs: number; readonly timer: Timer } | null = null;
  #nextPortion: Timer | null = null;
  #drains: Drains = { node: false, addresses: new Set() };
  /** By instance: what is wanted, and of that what was told. */
  readonly #routes = new Map<string, readonly AnnouncedRoute[]>();
  readonly #told = new Map<string, readonly AnnouncedRoute[]>();
  /** Prefixes whose address is not in the kernel yet. */
  readonly #adding = new Set<string>();
  /** By prefix: addresses that are on their way out. */
  readonly #removals = new Map<string, Timer>();

  constructor(world: AnnouncingWorld) {
    this.#world = world;
    this.#log = new BoundedLog(world.log, world.clock, 'announcements');
  }

  configure(plan: AnnouncementPlan): void {
    this.#announcements.configure(plan);
    for (const name of this.#routes.keys()) {
      if (plan.bgpInstances.includes(name)) continue;
      this.#routes.delete(name);
      this.#told.delete(name);
    }
    this.#settle();
  }

  vrrp({ instance, state }: Pick<VrrpFact, 'instance' | 'state'>): void {
    this.#announcements.recordMaster(instance, state === 'MASTER');
    this.#settle();
  }

  /** Those that have changed, or all of them. */
  services(facts: readonly ServiceFact[]): void {
    for (const fact of facts) this.#announcements.recordService(fact);
    this.#settle();
  }

  dataplane(isUp: boolean): void {
    this.#announcements.recordDataplane(isUp);
    this.#settle();
  }

  control(isAlive: boolean): void {
    this.#announcements.recordControl(isAlive);
    this.#settle();
  }

  /** All drains that there are. */
  drain(drains: Drains): void {
    this.#drains = drains;
    this.#announcements.recordDrains(drains);
    this.#settle();
  }

  /** null: the file does not announce it. */
  why(address: IpAddress): WhyReport | null {
    const view = this.#announcements.view(address);
    return view && whyReport(view, this.#world.neighborsOf, this.#world.clock.nowMs());
  }

  statuses(): readonly AnnouncementStatus[] {
    return announcementStatuses(
      this.#announcements.addresses(),
      this.#drains,
      this.#world.clock.nowMs(),
    );
  }

  /** Withdraws everything at once; ends when the kernel was told to drop our addresses. */
  async stop(): Promise<void> {
    this.#timer?.timer.cancel();
    this.#nextPortion?.cancel();
    const effects = this.#announcements.stop();
    this.#announce(effects);
    const leaving = effects.flatMap((one) => (one.type === 'remove_address' ? [one.address] : []));
    if (leaving.length === 0) return;
    await new Promise<void>((resolve) => this.#world.clock.setTimer(removeDelayMs, resolve));
    for (const address of leaving) this.#world.removeAddress(address);
  }

  #settle(): void {
    if (this.#nextPortion !== null) return;
    this.#carryOut(this.#announcements.settle(this.#world.clock.nowMs(), portion));
    if (this.#announcements.isSettled) {
      this.#armTimer();
      return;
    }
    this.#nextPortion = this.#world.clock.setTimer(0, () => {
      this.#nextPortion = null;
      this.#settle();
    });
  }

  #armTimer(): void {
    const { nextMs } = this.#announcements;
    if (nextMs === (this.#timer?.atMs ?? null)) return;
    this.#timer?.timer.cancel();
    this.#timer = null;
    if (nextMs === null) return;
    const { clock } = this.#world;
    const timer = clock.setTimer(Math.max(0, nextMs - clock.nowMs()), () => {
      this.#timer = null;
      this.#settle();
    });
    this.#timer = { atMs: nextMs, timer };
  }

  #carryOut(effects: readonly AnnouncementEffect[]): void {
    for (const effect of effects) if (effect.type === 'changed') this.#tell(effect);
    for (const effect of effects) if (effect.type === 'add_address') this.#add(effect.address);
    this.#announce(effects);
    for (const effect of effects)
      if (effect.type === 'remove_address') this.#removeLater(effect.address);
  }

  #announce(effects: readonly AnnouncementEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'announce_bgp') {
        this.#routes.set(effect.instance, effect.routes);
        this.#announceBgp(effect.instance, effect.routes);
      } else if (effect.type === 'announce_ospf') {
        this.#world.announceOspf(effect.instance, effect.prefixes);
      }
    }
  }

  /** What the kernel does not have yet is left out; withdrawals do not wait for it. */
  #announceBgp(instance: string, wanted: readonly AnnouncedRoute[]): void {
    const isThere = ({ prefix }: AnnouncedRoute): boolean =>
      !this.#adding.has(formatPrefix(prefix));
    const routes = this.#adding.size === 0 ? wanted : wanted.filter(isThere);
    const told = this.#told.get(instance) ?? [];
    if (routes.length === told.length && routes.every((one, index) => one === told[index])) return;
    this.#told.set(instance, routes);
    this.#world.announceBgp(instance, routes);
  }

  #add(address: KernelAddress): void {
    const key = keyOf(address);
    const removal = this.#removals.get(key);
    if (removal !== undefined) {
      removal.cancel();
      this.#removals.delete(key);
      return;
    }
    const network = formatPrefix(networkOf(address.prefix));
    this.#adding.add(network);
    const bound = this.#world.clock.setTimer(addBoundMs, () => this.#added(network));
    this.#world.addAddress(address, () => {
      bound.cancel();
      this.#added(network);
    });
  }

  #added(network: string): void {
    if (!this.#adding.delete(network)) return;
    for (const [instance, routes] of this.#routes) {
      if (routes.some(({ prefix }) => formatPrefix(prefix) === network))
        this.#announceBgp(instance, routes);
    }
  }

  /** The withdrawal has left, and routers have acted on it, before packets find nobody. */
  #removeLater(address: KernelAddress): void {
    const key = keyOf(address);
    this.#removals.get(key)?.cancel();
    const timer = this.#world.clock.setTimer(removeDelayMs, () => {
      this.#removals.delete(key);
      this.#world.removeAddress(address);
    });
    this.#removals.set(key, timer);
  }

  #tell({ address, from, to }: Extract<AnnouncementEffect, { type: 'changed' }>): void {
    const findings = this.#announcements.view(address)?.findings ?? [];
    const reason = reasonOf(findings);
    const because = reason === null ? '' : `: ${reason}`;
    const level = isAnnouncedIn(from) && !isAnnouncedIn(to) ? 'warning' : 'notice';
    this.#log.write(level, `${address} is ${sayState[to]}, was ${sayState[from]}${because}`);
  }
}

const sayState = {
  down: 'not announced',
  held: 'held down before it is announced again',
  healthy: 'announced',
  degraded: 'announced as degraded',
  draining: 'draining',
  maintenance: 'withdrawn for maintenance',
} as const;

function keyOf({ prefix, interface: name }: KernelAddress): string {
  return `${formatPrefix(prefix)} ${name}`;
}
