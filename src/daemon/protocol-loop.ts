// The main thread's work: one VrrpSpeaker per instance, started when its interface, its source
// address and its data plane are there, told when one of them goes, and stopped in order. Nothing
// here may take longer than 2 ms at a time.
import type { Result } from 'neverthrow';
import type { VrrpInstance } from '../config/vrrp.js';
import type { Dataplane, DataplaneError } from '../dataplane/dataplane.js';
import { describeDataplaneError } from '../dataplane/dataplane.js';
import { ObjectOwner } from '../ha/object-owner.js';
import { reconcile } from '../ha/vrrp/machine.js';
import { type VrrpFact, VrrpSpeaker } from '../ha/vrrp/speaker.js';
import { familyOf, type IpAddress } from '../net/address.js';
import { formatPrefix } from '../net/prefix.js';
import type { AddressOwner } from '../ports/address-owner.js';
import type { Clock, Timer } from '../ports/clock.js';
import { describeKernelError, type Kernel } from '../ports/kernel.js';
import type { KernelObjects, ObjectNews } from '../ports/kernel-objects.js';
import type { Log } from '../ports/log.js';
import type { Packets } from '../ports/packets.js';
import { DeviceOwners } from './device-owners.js';
import { FollowingOwner } from './following-owner.js';
import { heartbeatBoundMs } from './messages.js';

const retryDelayMs = 200;

export type ProtocolWorld = {
  readonly clock: Clock;
  readonly kernel: Kernel;
  readonly kernelObjects: KernelObjects;
  readonly packets: Packets;
  readonly log: Log;
  readonly connectDataplane: (
    socketPath: string,
    closed: () => void,
  ) => Promise<Result<Dataplane, DataplaneError>>;
  readonly kernelOwner: (interfaceName: string) => AddressOwner;
  readonly dataplaneOwner: (plane: Dataplane, holder: string, device: string) => AddressOwner;
  readonly report: (fact: VrrpFact) => void;
};

type RunningInstance = {
  instance: VrrpInstance;
  /** null: the data plane has its addresses. */
  readonly objects: ObjectOwner | null;
  readonly sourceAddress: IpAddress;
  readonly speaker: VrrpSpeaker;
  isUp: boolean;
};

/** What the kernel says of the interface of one instance. */
type InterfaceView = { readonly isUp: boolean; readonly source: IpAddress | null };

export class ProtocolLoop {
  readonly #world: ProtocolWorld;
  readonly #running = new Map<string, RunningInstance>();
  readonly #excuses = new Map<string, string>();
  #configured: readonly VrrpInstance[] = [];
  #dataplaneSocket: string | null = null;
  #dataplane: Dataplane | null = null;
  #interfaces = new Map<string, InterfaceView>();
  #retry: Timer | null = null;
  #heartbeatTimer: Timer | null = null;
  #controlIsAlive = true;
  #isStopping = false;
  #stopWatching: (() => void) | null = null;
  #stopWatchingObjects: (() => void) | null = null;
  /** Every change of the set of speakers waits for the one before it. */
  #order: Promise<void> = Promise.resolve();

  constructor(world: ProtocolWorld) {
    this.#world = world;
  }

  /** Follows the kernel's links and addresses from now on. */
  start(): void {
    const watching = this.#world.kernel.watch(() => this.#enqueue(() => this.#followKernel()));
    if (watching.isOk()) this.#stopWatching = watching.value;
    else this.#world.log.write('error', describeKernelError(watching.error));
    this.heartbeat();
  }

  configure(instances: readonly VrrpInstance[], dataplaneSocket: string | null): void {
    this.#enqueue(async () => {
      this.#configured = instances;
      this.#dataplaneSocket = dataplaneSocket;
      await this.#reconcileSpeakers();
      this.#watchObjects();
      await this.#connectDataplane();
      await this.#followKernel();
    });
  }

  /**
   * The control thread is alive; without a call for heartbeatBoundMs the node gives up its
   * addresses.
   */
  heartbeat(): void {
    this.#heartbeatTimer?.cancel();
    this.#heartbeatTimer = this.#world.clock.setTimer(heartbeatBoundMs, () => {
      this.#controlIsAlive = false;
      this.#world.log.write('error', 'The control thread does not answer: giving up all addresses');
      this.#enqueue(() => this.#followFacts());
    });
    if (this.#controlIsAlive) return;
    this.#controlIsAlive = true;
    this.#enqueue(() => this.#followFacts());
  }

  /** With counters as they are now. */
  facts(): readonly VrrpFact[] {
    return [...this.#running.values()].map(({ speaker }) => speaker.fact());
  }

  /**
   * Resolves when every speaker has sent its priority-0 advertisement and released its addresses.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopWatching?.();
    this.#stopWatchingObjects?.();
    this.#heartbeatTimer?.cancel();
    this.#retry?.cancel();
    await this.#order;
    await Promise.all([...this.#running.values()].map(({ speaker }) => speaker.stop()));
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
        running.objects?.reconfigure(next.objects);
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
    for (const { objects } of this.#running.values()) objects?.heard(news);
  }

  async #connectDataplane(): Promise<void> {
    const path = this.#dataplaneSocket;
    if (path === null || this.#dataplane !== null) return;
    const connected = await this.#world.connectDataplane(path, () => this.#dataplaneClosed());
    if (connected.isOk()) {
      this.#dataplane = connected.value;
      return;
    }
    this.#excuseOnce('dataplane', describeDataplaneError(connected.error));
    this.#retryLater();
  }

  #dataplaneClosed(): void {
    this.#dataplane = null;
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
    const checks = [...this.#running.values()].map(({ instance, objects }) => ({
      instance,
      lost: objects?.beginCheck(),
    }));
    const links = await this.#world.kernel.links();
    const addresses = await this.#world.kernel.addresses();
    if (links.isErr() || addresses.isErr()) {
      const error = links.isErr() ? links.error : addresses._unsafeUnwrapErr();
      this.#world.log.write('error', describeKernelError(error));
      return;
    }
    this.#interfaces = new Map(
      links.value.map((link) => {
        const own = addresses.value.find(
          ({ linkIndex, prefix }) =>
            linkIndex === link.index &&
            familyOf(prefix.address) === 'ipv4' &&
            !this.#isVirtual(prefix.address),
        );
        return [link.name, { isUp: link.isUp, source: own?.prefix.address ?? null }];
      }),
    );
    for (const { instance, lost } of checks) {
      for (const { prefix, device } of lost?.(links.value, addresses.value) ?? []) {
        const what = `ip address ${formatPrefix(prefix)} was removed from ${device}`;
        this.#world.log.write('warning', `(${instance.name}) ${what}`);
      }
    }
    await this.#followFacts();
  }

  /** A virtual address is never the source of adverts, even while we hold it. */
  #isVirtual(address: IpAddress): boolean {
    return this.#configured.some(({ virtualAddresses, objects }) =>
      [...virtualAddresses, ...objects.addresses].some(({ prefix }) => prefix.address === address),
    );
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
      const isUp = this.#obstacleOf(instance) === null;
      if (isUp === running.isUp) continue;
      running.isUp = isUp;
      running.speaker.interfaceChanged(isUp);
    }
  }

  /** Adverts leave from the interface's primary address: with another one it is another router. */
  #hasMoved({ instance, sourceAddress }: RunningInstance): boolean {
    const source = this.#interfaces.get(instance.interface)?.source ?? null;
    return source !== null && source !== sourceAddress;
  }

  /** Why the instance cannot hold its addresses now; null: it can. */
  #obstacleOf(instance: VrrpInstance): string | null {
    const view = this.#interfaces.get(instance.interface);
    if (view === undefined) return `interface ${instance.interface} does not exist`;
    if (!view.isUp) return `interface ${instance.interface} is down`;
    if (view.source === null) return `interface ${instance.interface} has no IPv4 address`;
    if (instance.dpdkInterface !== null && this.#dataplane === null) {
      return 'the data plane does not answer';
    }
    if (!this.#controlIsAlive) return 'the control thread does not answer';
    return null;
  }

  async #startSpeaker(instance: VrrpInstance): Promise<void> {
    const obstacle = this.#obstacleOf(instance);
    const sourceAddress = this.#interfaces.get(instance.interface)?.source ?? null;
    if (obstacle !== null || sourceAddress === null) {
      this.#excuseOnce(instance.name, `(${instance.name}) waits: ${obstacle ?? 'no address'}`);
      return;
    }
    const owner = this.#ownerOf(instance);
    const { clock, packets, log, report } = this.#world;
    const speaker = new VrrpSpeaker({
      instance,
      sourceAddress,
      clock,
      packets,
      owner,
      log,
      report,
    });
    const resumes = await this.#stillHolds(instance, owner);
    this.#excuses.delete(instance.name);
    const objects = owner instanceof ObjectOwner ? owner : null;
    this.#running.set(instance.name, { instance, objects, sourceAddress, speaker, isUp: true });
    speaker.start({ resumes });
  }

  #ownerOf(instance: VrrpInstance): AddressOwner {
    const { kernelOwner, dataplaneOwner } = this.#world;
    const device = instance.dpdkInterface;
    if (device === null) {
      const { objects } = instance;
      const announcer = new DeviceOwners(instance.interface, objects.addresses, kernelOwner);
      const world = { ...this.#world, objects: this.#world.kernelObjects };
      return new ObjectOwner({ name: instance.name, objects, world, announcer });
    }
    return new FollowingOwner(() => {
      const plane = this.#dataplane;
      return plane === null ? null : dataplaneOwner(plane, instance.name, device);
    });
  }

  /** True when an earlier process of this instance left every address with a live lease. */
  async #stillHolds(instance: VrrpInstance, owner: AddressOwner): Promise<boolean> {
    if (!instance.leases) return false;
    const addresses = instance.virtualAddresses.map(({ prefix }) => prefix);
    const held = await owner.held(addresses);
    return held.isOk() && addresses.length > 0 && held.value.length === addresses.length;
  }

  /** Logs a reason for waiting once, until it changes. */
  #excuseOnce(subject: string, reason: string): void {
    if (this.#excuses.get(subject) === reason) return;
    this.#excuses.set(subject, reason);
    this.#world.log.write('warning', reason);
  }
}
