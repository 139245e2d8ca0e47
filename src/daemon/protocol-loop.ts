// The main thread's work: one VrrpSpeaker per instance, started when its interface, its source
// address and its data plane are there, told when one of them goes, and stopped in order. Nothing
// here may take longer than 2 ms at a time.
import type { Result } from 'neverthrow';
import type { GarpRates } from '../config/garp.js';
import type { LinkDelays } from '../config/link-table.js';
import type { PortRoute } from '../config/port-objects.js';
import type { VrrpInstance } from '../config/vrrp.js';
import type { Dataplane, DataplaneError } from '../dataplane/dataplane.js';
import { describeDataplaneError } from '../dataplane/dataplane.js';
import { placesOf } from '../ha/object-owner.js';
import { effectivePriority, type TrackedEffect } from '../ha/tracking/effective-priority.js';
import { factKey, type TrackedFact } from '../ha/tracking/facts.js';
import { SettledLinks } from '../ha/tracking/link-delays.js';
import { noAdverts } from '../ha/vrrp/advert-lateness.js';
import { AnnouncementQueues } from '../ha/vrrp/announcement-queues.js';
import { reconcile } from '../ha/vrrp/reconciliation.js';
import { type VrrpFact, VrrpSpeaker } from '../ha/vrrp/speaker.js';
import { zeroCounters } from '../ha/vrrp/statistics.js';
import type { IpAddress } from '../net/address.js';
import { formatPrefix } from '../net/prefix.js';
import type { Timer } from '../ports/clock.js';
import { describeKernelError } from '../ports/kernel.js';
import type { ObjectNews } from '../ports/kernel-objects.js';
import type { Packets } from '../ports/packets.js';
import {
  type InstanceOwner,
  instanceOwner,
  type OwnerWorld,
  stillHolds,
} from './instance-owner.js';
import { type InterfaceView, interfaceViews, sourceOf } from './interface-view.js';
import { heartbeatBoundMs } from './messages.js';
import { PortOwner, removeStrayRoutes } from './port-owner.js';
import { SyncGroups } from './sync-groups.js';

const retryDelayMs = 200;

export type ProtocolWorld = OwnerWorld & {
  /** The calendar's time, since 1970. */
  readonly epochMs: () => number;
  readonly packets: Packets;
  readonly connectDataplane: (
    socketPath: string,
    closed: () => void,
  ) => Promise<Result<Dataplane, DataplaneError>>;
  readonly report: (fact: VrrpFact) => void;
  /** An instance that is MASTER has heard an advert of lower priority. */
  readonly heardLower: (instance: string) => void;
  readonly leftLate: (instance: string, lateMs: number) => void;
  /** What is announced depends on both. */
  readonly lives: (what: 'dataplane' | 'control', isAlive: boolean) => void;
};

type RunningInstance = {
  instance: VrrpInstance;
  readonly owner: InstanceOwner;
  readonly sourceAddress: IpAddress;
  readonly speaker: VrrpSpeaker;
  isUp: boolean;
};

export class ProtocolLoop {
  readonly #world: ProtocolWorld;
  readonly #announcements: AnnouncementQueues;
  readonly #running = new Map<string, RunningInstance>();
  readonly #excuses = new Map<string, string>();
  /** What the control thread has found out of tracked things. */
  readonly #known = new Map<string, number>();
  readonly #groups = new SyncGroups();
  readonly #links: SettledLinks;
  #configured: readonly VrrpInstance[] = [];
  #dataplaneSocket: string | null = null;
  #dataplane: Dataplane | null = null;
  /** It is connected to, and open. */
  #forwards = false;
  #interfaces = new Map<string, InterfaceView>();
  #retry: Timer | null = null;
  #heartbeatTimer: Timer | null = null;
  #controlIsAlive = true;
  /** null: there was no configuration yet. */
  #delay: { readonly isOver: boolean } | null = null;
  #isStopping = false;
  #stopWatching: (() => void) | null = null;
  #stopWatchingObjects: (() => void) | null = null;
  /** Every change of the set of speakers waits for the one before it. */
  #order: Promise<void> = Promise.resolve();

  constructor(world: ProtocolWorld) {
    this.#world = world;
    this.#announcements = new AnnouncementQueues(world.clock);
    this.#links = new SettledLinks(world.clock, () => this.#enqueue(() => this.#followKernel()));
  }

  /** Follows the kernel's links and addresses from now on. */
  start(): void {
    const watching = this.#world.kernel.watch(() => this.#enqueue(() => this.#followKernel()));
    if (watching.isOk()) this.#stopWatching = watching.value;
    else this.#world.log.write('error', describeKernelError(watching.error));
    this.heartbeat();
  }

  /** `startupDelayMs`: instances of the first configuration take part only then. */
  configure(
    instances: readonly VrrpInstance[],
    dataplaneSocket: string | null,
    garpRates: GarpRates,
    startupDelayMs = 0,
  ): void {
    if (this.#delay === null) this.#delayStart(startupDelayMs);
    this.#enqueue(async () => {
      this.#announcements.configure(garpRates);
      this.#configured = instances;
      this.#groups.configure(instances);
      this.#dataplaneSocket = dataplaneSocket;
      this.#forgetOthers();
      await this.#reconcileSpeakers();
      this.#watchObjects();
      await this.#connectDataplane();
      await this.#followKernel();
    });
  }

  /** Tracked things as they are now; those of a configuration come before it. */
  learn(facts: readonly TrackedFact[]): void {
    this.#enqueue(async () => {
      for (const { kind, name, value } of facts) this.#known.set(factKey(kind, name), value);
      await this.#followFacts();
    });
  }

  delayLinks(delays: readonly LinkDelays[]): void {
    this.#enqueue(async () => this.#links.configure(delays));
  }

  /**
   * The control thread is alive; without a call for heartbeatBoundMs the node gives up its
   * addresses.
   */
  heartbeat(): void {
    this.#heartbeatTimer?.cancel();
    this.#heartbeatTimer = this.#world.clock.setTimer(heartbeatBoundMs, () => {
      this.#controlIsAlive = false;
      this.#world.lives('control', false);
      this.#world.log.write('error', 'The control thread does not answer: giving up all addresses');
      this.#enqueue(() => this.#followFacts());
    });
    if (this.#controlIsAlive) return;
    this.#controlIsAlive = true;
    this.#world.lives('control', true);
    this.#enqueue(() => this.#followFacts());
  }

  #delayStart(delayMs: number): void {
    const { clock, log } = this.#world;
    this.#delay = { isOver: delayMs <= 0 };
    if (delayMs <= 0) return;
    log.write('info', `Delaying startup for ${delayMs / 1000} seconds`);
    clock.setTimer(delayMs, () => {
      this.#delay = { isOver: true };
      this.#enqueue(() => this.#followKernel());
    });
  }

  clearCounters(): void {
    for (const { speaker } of this.#running.values()) speaker.clearCounters();
  }

  /** With counters as they are now; of instances that wait, too. */
  facts(): readonly VrrpFact[] {
    return this.#configured.flatMap((instance) => {
      const running = this.#running.get(instance.name);
      if (running !== undefined) return running.speaker.fact();
      const reason = this.#reasonToWait(instance);
      return reason === null ? [] : waitingFact(instance, reason);
    });
  }

  /**
   * Resolves when every speaker has sent its priority-0 advertisement and released its addresses.
   */
  async stop({ keepsAddresses = false } = {}): Promise<void> {
    this.#isStopping = true;
    this.#stopWatching?.();
    this.#stopWatchingObjects?.();
    this.#heartbeatTimer?.cancel();
    this.#retry?.cancel();
    this.#links.stop();
    await this.#order;
    const speakers = [...this.#running.values()].map(({ speaker }) => speaker);
    await Promise.all(speakers.map((speaker) => speaker.stop({ keepsAddresses })));
    this.#running.clear();
  }

  #enqueue(work: () => Promise<void>): void {
    this.#order = this.#order.then(async () => {
      if (!this.#isStopping) await work();
    });
  }

  /** Stops what went or must restart, tells the others what changed; starting is #followFacts. */
  async #reconcileSpeakers(): Promise<void> {
    const wanted = new Map(this.#configured.map((instance) => [instance.name, instance]));
    for (const [name, running] of this.#running) {
      const next = wanted.get(name);
      const verdict = next === undefined ? 'restart' : reconcile(running.instance, next);
      if (verdict === 'unchanged') continue;
      if (verdict === 'in_place' && next !== undefined) {
        running.owner.reconfigure(next.objects);
        running.speaker.reconfigure(next);
        running.instance = next;
        continue;
      }
      await running.speaker.stop();
      this.#running.delete(name);
    }
  }

  /** Only where there is something to put back: a router of the Internet has news all the time. */
  #watchObjects(): void {
    const isNeeded = this.#configured.some(({ objects }) =>
      [...objects.routes, ...objects.rules].some(({ isTracked }) => isTracked),
    );
    if (!isNeeded || this.#stopWatchingObjects !== null) return;
    const { kernelObjects, log } = this.#world;
    const watching = kernelObjects.watchObjects((news) => this.#hearObjects(news));
    if (watching.isOk()) this.#stopWatchingObjects = watching.value;
    else log.write('error', describeKernelError(watching.error));
  }

  #hearObjects(news: ObjectNews): void {
    for (const { owner } of this.#running.values()) owner.heard(news);
  }

  async #connectDataplane(): Promise<void> {
    const path = this.#dataplaneSocket;
    if (path === null || this.#forwards) return;
    if (this.#dataplane === null) {
      const connected = await this.#world.connectDataplane(path, () => this.#dataplaneClosed());
      if (connected.isErr()) {
        this.#excuseOnce('dataplane', describeDataplaneError(connected.error));
        this.#retryLater();
        return;
      }
      this.#dataplane = connected.value;
    }
    await this.#greetDataplane(this.#dataplane);
  }

  /** One that came back forwards nothing until the control thread opens it, and configures us. */
  async #greetDataplane(plane: Dataplane): Promise<void> {
    const opened = await plane.routes();
    if (opened.isErr() || this.#dataplane !== plane) return;
    this.#forwards = true;
    this.#world.lives('dataplane', true);
    const removed = await removeStrayRoutes(plane, this.#portRoutes());
    if (removed.isErr()) this.#excuseOnce('strays', `Virtual routes stay: ${removed.error}`);
  }

  /** Of instances that do not run yet, all: an earlier process may have been MASTER. */
  #portRoutes(): readonly PortRoute[] {
    return this.#configured.flatMap(({ name, objects }) => {
      const owner = this.#running.get(name)?.owner;
      return owner instanceof PortOwner ? owner.wantedRoutes : objects.portRoutes;
    });
  }

  #dataplaneClosed(): void {
    this.#dataplane = null;
    this.#forwards = false;
    this.#world.lives('dataplane', false);
    this.#world.log.write('error', 'The data plane went away');
    this.#enqueue(() => this.#followFacts());
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isStopping) return;
    this.#retry?.cancel();
    this.#retry = this.#world.clock.setTimer(retryDelayMs, () => {
      this.#enqueue(async () => {
        await this.#connectDataplane();
        await this.#followFacts();
      });
    });
  }

  async #followKernel(): Promise<void> {
    const checks = [...this.#running].map(([name, { owner }]) => ({
      name,
      lost: owner.beginCheck(),
    }));
    const links = await this.#world.kernel.links();
    const addresses = await this.#world.kernel.addresses();
    if (links.isErr() || addresses.isErr()) {
      const error = links.isErr() ? links.error : addresses._unsafeUnwrapErr();
      this.#world.log.write('error', describeKernelError(error));
      return;
    }
    const virtual = new Set(
      this.#configured.flatMap(({ virtualAddresses, objects }) =>
        [...virtualAddresses, ...objects.addresses].map(({ prefix }) => prefix.address),
      ),
    );
    const settled = links.value.map((link) => ({
      ...link,
      isUp: this.#links.see(link.name, link.isUp),
    }));
    this.#interfaces = interfaceViews(settled, addresses.value, (one) => virtual.has(one));
    const places = placesOf(links.value, addresses.value);
    for (const { name, lost } of checks) {
      for (const { prefix, device } of lost(places)) {
        const what = `ip address ${formatPrefix(prefix)} was removed from ${device}`;
        this.#world.log.write('warning', `(${name}) ${what}`);
        this.#running.get(name)?.speaker.addressLost();
      }
    }
    await this.#followFacts();
  }

  /** Starts what can run now; faults and heals what runs already. */
  async #followFacts(): Promise<void> {
    for (const instance of this.#configured) {
      const running = this.#running.get(instance.name);
      if (running === undefined) {
        await this.#startSpeaker(instance);
        continue;
      }
      if (this.#hasMoved(running)) {
        await running.speaker.stop();
        this.#running.delete(instance.name);
        await this.#startSpeaker(instance);
        continue;
      }
      this.#followTracking(running);
    }
    this.#judgeGroups();
  }

  /** A member of a sync group may become MASTER when all others can. */
  #judgeGroups(): void {
    for (const { instance, speaker } of this.#running.values()) {
      const others = this.#groups.othersOf(instance);
      speaker.groupIsReady(others.every(({ name }) => this.#running.get(name)?.isUp === true));
    }
  }

  #report(fact: VrrpFact): void {
    this.#world.report(fact);
    const order = this.#groups.follow(fact);
    const running = this.#running.get(fact.instance);
    if (order === null || running === undefined) return;
    for (const { name } of this.#groups.othersOf(running.instance)) {
      this.#running.get(name)?.speaker.followGroup(order);
    }
  }

  #heardLower(instance: VrrpInstance): void {
    this.#world.heardLower(instance.name);
    for (const { name } of this.#groups.othersOf(instance)) {
      this.#running.get(name)?.speaker.groupHeardLower();
    }
  }

  /** Adverts would leave, whatever else is wrong. */
  #isReachable(instance: VrrpInstance): boolean {
    return this.#interfaces.get(instance.interface)?.isUp === true;
  }

  /** Its priority, and every reason why it must be in FAULT. */
  #followTracking(running: RunningInstance): void {
    const { instance, speaker } = running;
    const obstacle = this.#obstacleOf(instance);
    const { priority, faults } = this.#effectOn(instance);
    const reasons = obstacle === null ? faults : [obstacle, ...faults];
    running.isUp = reasons.length === 0;
    speaker.prioritise(priority);
    speaker.faultsChanged(reasons, this.#isReachable(instance));
  }

  /** Interfaces are seen here; everything else is known from the control thread. */
  #effectOn({ priority, tracking }: VrrpInstance): TrackedEffect {
    return effectivePriority(priority, tracking, {
      get: ({ kind, name }) => {
        if (kind !== 'interface') return this.#known.get(factKey(kind, name));
        return this.#interfaces.get(name)?.isUp === true ? 1 : 0;
      },
    });
  }

  /** What nobody tracks any more must not be taken for known when it is tracked again. */
  #forgetOthers(): void {
    const tracked = new Set(
      this.#configured.flatMap(({ tracking }) =>
        tracking.map(({ kind, name }) => factKey(kind, name)),
      ),
    );
    for (const key of this.#known.keys()) if (!tracked.has(key)) this.#known.delete(key);
  }

  /** Adverts leave from the interface's primary address: with another one it is another router. */
  #hasMoved({ instance, sourceAddress }: RunningInstance): boolean {
    const source = this.#sourceOf(instance);
    return source !== null && source !== sourceAddress;
  }

  #sourceOf(instance: VrrpInstance): IpAddress | null {
    const view = this.#interfaces.get(instance.interface);
    return view === undefined ? null : sourceOf(instance, view);
  }

  /** Why the instance cannot hold its addresses now; null: it can. */
  #obstacleOf(instance: VrrpInstance): string | null {
    const own = this.#ownObstacleOf(instance);
    if (own !== null) return own;
    for (const other of this.#groups.othersOf(instance)) {
      const obstacle = this.#ownObstacleOf(other);
      if (obstacle !== null) return `${other.name} of its sync group cannot: ${obstacle}`;
    }
    return null;
  }

  #ownObstacleOf(instance: VrrpInstance): string | null {
    const { interface: name, family, lacksPeers, tracksInterface } = instance;
    const view = this.#interfaces.get(name);
    if (view === undefined) return `interface ${name} does not exist`;
    if (!view.isUp && tracksInterface) return `interface ${name} is down`;
    if (lacksPeers) return 'unicast_peer is empty (unicast_fault_no_peer)';
    if (this.#sourceOf(instance) === null) {
      const wanted = instance.sourceAddress ?? `${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`;
      return `interface ${name} has no ${wanted}`;
    }
    if (instance.dpdkInterface !== null && this.#dataplane === null) {
      return 'the data plane does not answer';
    }
    if (!this.#controlIsAlive) return 'the control thread does not answer';
    return null;
  }

  /** Why it cannot begin; a fault of what it tracks is none: it begins in FAULT. */
  #reasonToWait(instance: VrrpInstance): string | null {
    return this.#obstacleOf(instance) ?? this.#effectOn(instance).unknown[0] ?? null;
  }

  async #startSpeaker(instance: VrrpInstance): Promise<void> {
    if (this.#delay?.isOver === false) return;
    const reason = this.#reasonToWait(instance);
    const sourceAddress = this.#sourceOf(instance);
    if (reason !== null || sourceAddress === null) {
      this.#excuseOnce(instance.name, `(${instance.name}) waits: ${reason ?? 'no address'}`);
      return;
    }
    const owner = instanceOwner(instance, this.#world, () => this.#dataplane);
    const { clock, epochMs, packets, log } = this.#world;
    const speaker = new VrrpSpeaker({
      instance,
      sourceAddress,
      clock,
      epochMs,
      packets,
      owner,
      announcements: this.#announcements,
      log,
      report: (fact) => this.#report(fact),
      heardLower: () => this.#heardLower(instance),
      leftLate: (lateMs) => this.#world.leftLate(instance.name, lateMs),
    });
    const resumes = await stillHolds(instance, owner);
    this.#excuses.delete(instance.name);
    const running = { instance, owner, sourceAddress, speaker, isUp: true };
    this.#running.set(instance.name, running);
    this.#followTracking(running);
    this.#judgeGroups();
    speaker.start({ resumes });
  }

  /** Logs a reason for waiting once, until it changes. */
  #excuseOnce(subject: string, reason: string): void {
    if (this.#excuses.get(subject) === reason) return;
    this.#excuses.set(subject, reason);
    this.#world.log.write('warning', reason);
  }
}

function waitingFact({ name, priority }: VrrpInstance, reason: string): VrrpFact {
  return {
    instance: name,
    state: 'INIT',
    sinceMs: 0,
    priority,
    faults: [reason],
    masterAddress: null,
    counters: zeroCounters(),
    lateness: noAdverts,
  };
}
