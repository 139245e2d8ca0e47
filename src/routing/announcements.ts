// What is announced follows what is true: (what there is to announce, facts, time) -> what each
// bgp_instance and ospf_instance is to tell, and which addresses the kernel is to have. Knows no
// clock and no socket. A fact costs as much as the addresses that depend on it: these are looked at
// again by `settle`, a bounded number at a time if wanted.
import type { IpAddress } from '../net/address.js';
import { formatPrefix } from '../net/prefix.js';
import type { AnnouncedPrefix } from './announced-prefix.js';
import type { AnnouncedRoute } from './announced-route.js';
import {
  type AnnouncedAddress,
  type AnnouncementPlan,
  type KernelAddress,
  nothingPlanned,
} from './announcement/announced-address.js';
import { isSameKernelAddress, KernelAddresses } from './announcement/kernel-addresses.js';
import {
  type AddressMemory,
  type AddressState,
  deadlineOf,
  eventOf,
  step,
  unannounced,
} from './announcement/machine.js';
import {
  announcedState,
  bgpRoute,
  kernelAddress,
  ospfPrefix,
  rankOf,
} from './announcement/routes.js';
import {
  type Finding,
  findingsOn,
  type RoutingFacts,
  type ServiceFact,
  verdictOn,
  worst,
} from './announcement/verdict.js';
import { WantedSet } from './announcement/wanted-set.js';

/** What the operator has taken out of service. */
export type Drains = { readonly node: boolean; readonly addresses: ReadonlySet<IpAddress> };

/** To be done in this order: an address is there before it is announced, and after. */
export type AnnouncementEffect =
  | { readonly type: 'add_address'; readonly address: KernelAddress }
  /** All that the instance is to tell from now on; what is not in it is withdrawn. */
  | {
      readonly type: 'announce_bgp';
      readonly instance: string;
      readonly routes: readonly AnnouncedRoute[];
    }
  | {
      readonly type: 'announce_ospf';
      readonly instance: string;
      readonly prefixes: readonly AnnouncedPrefix[];
    }
  | { readonly type: 'remove_address'; readonly address: KernelAddress }
  | {
      readonly type: 'changed';
      readonly address: IpAddress;
      readonly from: AddressState;
      readonly to: AddressState;
    };

type Running = {
  subject: AnnouncedAddress;
  memory: AddressMemory;
  isDrained: boolean;
};

/** All that is known of one address, for `keelson why`. */
export type AddressView = {
  readonly subject: AnnouncedAddress;
  readonly memory: AddressMemory;
  readonly findings: readonly Finding[];
  readonly drainedBy: 'node' | 'address' | null;
  /** When time alone changes its state; null: never. */
  readonly nextMs: number | null;
  readonly routes: readonly {
    readonly instance: string;
    readonly isAllowed: boolean;
    /** null: nothing is announced. */
    readonly route: AnnouncedRoute | null;
  }[];
};

export class Announcements {
  #plan = nothingPlanned;
  readonly #running = new Map<IpAddress, Running>();
  readonly #masters = new Map<string, boolean>();
  readonly #services = new Map<string, ServiceFact>();
  #isDataplaneUp: boolean | null = null;
  #isControlAlive = true;
  #drains: Drains = { node: false, addresses: new Set() };
  /** Addresses by what they depend on. */
  #byHolder = new Map<string, IpAddress[]>();
  #byService = new Map<string, IpAddress[]>();
  /** To be looked at again. */
  readonly #dirty = new Set<IpAddress>();
  /** Addresses that time changes. */
  readonly #timed = new Set<IpAddress>();
  #nextMs: number | null = null;
  readonly #bgp = new Map<string, WantedSet<AnnouncedRoute>>();
  readonly #ospf = new Map<string, WantedSet<AnnouncedPrefix>>();
  readonly #kernel = new KernelAddresses();
  #news: AnnouncementEffect[] = [];

  /** When `settle` is due though no fact changes; null: never. */
  get nextMs(): number | null {
    return this.#nextMs;
  }

  get isSettled(): boolean {
    return this.#dirty.size === 0;
  }

  /** What is known of an address that stays, stays known. */
  configure(plan: AnnouncementPlan): void {
    const wanted = new Set(plan.addresses.map(({ address }) => address));
    for (const [address, { subject }] of this.#running) {
      if (!wanted.has(address)) this.#forget(subject);
    }
    this.#plan = plan;
    this.#keepInstances();
    this.#byHolder = new Map();
    this.#byService = new Map();
    for (const subject of plan.addresses) this.#adopt(subject);
    for (const name of this.#masters.keys())
      if (!this.#byHolder.has(name)) this.#masters.delete(name);
    for (const key of this.#services.keys())
      if (!this.#byService.has(key)) this.#services.delete(key);
  }

  recordMaster(instance: string, isMaster: boolean): void {
    if (this.#masters.get(instance) === isMaster) return;
    this.#masters.set(instance, isMaster);
    this.#touch(this.#byHolder.get(instance));
  }

  recordService(fact: ServiceFact): void {
    this.#services.set(fact.service, fact);
    this.#touch(this.#byService.get(fact.service));
  }

  recordDataplane(isUp: boolean): void {
    if (this.#isDataplaneUp === isUp) return;
    this.#isDataplaneUp = isUp;
    this.#touch(this.#running.keys());
  }

  recordControl(isAlive: boolean): void {
    if (this.#isControlAlive === isAlive) return;
    this.#isControlAlive = isAlive;
    this.#touch(this.#running.keys());
  }

  recordDrains(drains: Drains): void {
    this.#drains = drains;
    this.#touch(this.#running.keys());
  }

  /** Looks again at up to `max` addresses. Only when `isSettled` anything is told of routes. */
  settle(nowMs: number, max = Number.POSITIVE_INFINITY): readonly AnnouncementEffect[] {
    if (this.#nextMs !== null && this.#nextMs <= nowMs) this.#findDue(nowMs);
    let seen = 0;
    for (const address of this.#dirty) {
      if (seen >= max) return [];
      seen += 1;
      this.#dirty.delete(address);
      this.#look(address, nowMs);
    }
    return this.#takeEffects();
  }

  /** The end: everything is withdrawn, then taken from the kernel. */
  stop(): readonly AnnouncementEffect[] {
    this.configure({ ...this.#plan, addresses: [] });
    return this.#takeEffects();
  }

  addresses(): readonly { readonly subject: AnnouncedAddress; readonly memory: AddressMemory }[] {
    return [...this.#running.values()];
  }

  /** null: nothing announces it. */
  view(address: IpAddress): AddressView | null {
    const running = this.#running.get(address);
    if (running === undefined) return null;
    const { subject, memory } = running;
    return {
      subject,
      memory,
      findings: findingsOn(subject, this.#facts),
      drainedBy: this.#drainedBy(subject),
      nextMs: deadlineOf(subject, memory),
      routes: subject.bgp.map(({ instance, isAllowed }) => {
        const route = this.#bgp.get(instance)?.get(subject.prefix) ?? null;
        return { instance, isAllowed, route };
      }),
    };
  }

  get #facts(): RoutingFacts {
    return {
      isDataplaneUp: this.#isDataplaneUp,
      isControlAlive: this.#isControlAlive,
      masters: this.#masters,
      services: this.#services,
    };
  }

  #drainedBy({ kind, address }: AnnouncedAddress): 'node' | 'address' | null {
    if (kind === 'local') return null;
    if (this.#drains.addresses.has(address)) return 'address';
    return this.#drains.node ? 'node' : null;
  }

  #touch(addresses: Iterable<IpAddress> | undefined): void {
    for (const address of addresses ?? []) this.#dirty.add(address);
  }

  #adopt(subject: AnnouncedAddress): void {
    const { address, holders, sources } = subject;
    const running = this.#running.get(address);
    if (running === undefined) {
      this.#running.set(address, { subject, memory: unannounced, isDrained: false });
    } else {
      this.#withdrawOld(running.subject, subject);
      running.subject = subject;
    }
    for (const name of holders) append(this.#byHolder, name, address);
    for (const key of new Set(sources.flatMap(({ services }) => services))) {
      append(this.#byService, key, address);
    }
    this.#dirty.add(address);
  }

  /** What the new plan does not announce in this way any more. */
  #withdrawOld(before: AnnouncedAddress, after: AnnouncedAddress): void {
    const isMoved = formatPrefix(before.prefix) !== formatPrefix(after.prefix);
    const bgp = new Set(after.bgp.map(({ instance }) => instance));
    const ospf = new Set(after.ospf.map(({ instance }) => instance));
    for (const { instance } of before.bgp) {
      if (!isMoved && bgp.has(instance)) continue;
      this.#bgp.get(instance)?.set(before.address, before.prefix, null);
    }
    for (const { instance } of before.ospf) {
      if (!isMoved && ospf.has(instance)) continue;
      this.#ospf.get(instance)?.set(before.address, before.prefix, null);
    }
    const kernel = before.kernel;
    if (kernel !== null && !isSameKernelAddress(kernel, after.kernel))
      this.#kernel.want(kernel, false);
  }

  #forget({ address, prefix, bgp, ospf, kernel }: AnnouncedAddress): void {
    for (const { instance } of bgp) this.#bgp.get(instance)?.set(address, prefix, null);
    for (const { instance } of ospf) this.#ospf.get(instance)?.set(address, prefix, null);
    if (kernel !== null) this.#kernel.want(kernel, false);
    this.#running.delete(address);
    this.#dirty.delete(address);
    this.#timed.delete(address);
  }

  /** Those that are gone from the file have nobody left to tell. */
  #keepInstances(): void {
    keep(this.#bgp, this.#plan.bgpInstances, () => new WantedSet<AnnouncedRoute>());
    keep(this.#ospf, this.#plan.ospfInstances, () => new WantedSet<AnnouncedPrefix>());
  }

  #findDue(nowMs: number): void {
    this.#nextMs = null;
    for (const address of this.#timed) {
      const running = this.#running.get(address);
      if (running === undefined) continue;
      const dueMs = deadlineOf(running.subject, running.memory);
      if (dueMs !== null && dueMs <= nowMs) this.#dirty.add(address);
      else this.#expect(dueMs);
    }
  }

  #expect(dueMs: number | null): void {
    if (dueMs !== null) this.#nextMs = Math.min(this.#nextMs ?? dueMs, dueMs);
  }

  #look(address: IpAddress, nowMs: number): void {
    const running = this.#running.get(address);
    if (running === undefined) return;
    const { subject } = running;
    const before = running.memory;
    let memory = before;
    const isDrained = this.#drainedBy(subject) !== null;
    const wasDrained = running.isDrained;
    running.isDrained = isDrained;
    // What is drained is not announced first; what comes back does so by the facts of now.
    if (isDrained && !wasDrained) memory = step(subject, memory, { type: 'drained' }, nowMs);
    const judged = eventOf(verdictOn(subject, this.#facts));
    if (judged !== null) memory = step(subject, memory, judged, nowMs);
    if (wasDrained && !isDrained) memory = step(subject, memory, { type: 'undrained' }, nowMs);
    memory = step(subject, memory, { type: 'time_passed' }, nowMs);
    running.memory = memory;
    const dueMs = deadlineOf(subject, memory);
    if (dueMs === null) this.#timed.delete(address);
    else this.#timed.add(address);
    this.#expect(dueMs);
    if (memory.state !== before.state) {
      this.#news.push({ type: 'changed', address, from: before.state, to: memory.state });
    }
    this.#want(subject, memory.state);
  }

  #want(subject: AnnouncedAddress, state: AddressState): void {
    const { address, prefix } = subject;
    const announced = announcedState(state);
    const rank = announced === null ? null : rankOf[announced];
    for (const target of subject.bgp) {
      const set = this.#bgp.get(target.instance);
      const isTold = announced !== null && rank !== null && target.isAllowed;
      const value = isTold ? { rank, value: bgpRoute(prefix, target, announced) } : null;
      set?.set(address, prefix, value);
    }
    for (const target of subject.ospf) {
      const set = this.#ospf.get(target.instance);
      const isTold = announced !== null && rank !== null && target.isAllowed;
      const value = isTold ? { rank, value: ospfPrefix(prefix, target, announced) } : null;
      set?.set(address, prefix, value);
    }
    if (subject.kernel !== null) {
      this.#kernel.want(subject.kernel, kernelAddress(subject, state) !== null);
    }
  }

  #takeEffects(): readonly AnnouncementEffect[] {
    const routes: AnnouncementEffect[] = [];
    for (const [instance, set] of this.#bgp) {
      const wanted = set.takeIfChanged();
      if (wanted !== null) routes.push({ type: 'announce_bgp', instance, routes: wanted });
    }
    for (const [instance, set] of this.#ospf) {
      const wanted = set.takeIfChanged();
      if (wanted !== null) routes.push({ type: 'announce_ospf', instance, prefixes: wanted });
    }
    const news = this.#news;
    this.#news = [];
    const { added, removed } = this.#kernel.takeChanges();
    return [
      ...news,
      ...added.map((address) => ({ type: 'add_address' as const, address })),
      ...routes,
      ...removed.map((address) => ({ type: 'remove_address' as const, address })),
    ];
  }
}

export function verdictOfView({ findings }: AddressView) {
  return worst(findings.map(({ verdict }) => verdict));
}

function append(lists: Map<string, IpAddress[]>, key: string, address: IpAddress): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [address]);
  else list.push(address);
}

function keep<T>(sets: Map<string, T>, names: readonly string[], make: () => T): void {
  const wanted = new Set(names);
  for (const name of sets.keys()) if (!wanted.has(name)) sets.delete(name);
  for (const name of names) if (!sets.has(name)) sets.set(name, make());
}
