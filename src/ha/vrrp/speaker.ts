// Runs one VRRP instance: adverts, timers and reloads become events of the machine, its effects
// become adverts, timers and leases. Decides nothing itself but when a lease or a timer was slept
// through.
import type { VirtualAddress, VrrpInstance } from '../../config/vrrp.js';
import type { IpAddress } from '../../net/address.js';
import { formatPrefix, type Prefix } from '../../net/prefix.js';
import type { AddressOwner } from '../../ports/address-owner.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import { describePacketError, type Packets } from '../../ports/packets.js';
import { type AdvertLateness, AdvertLatenessCount } from './advert-lateness.js';
import type { AnnouncementQueues } from './announcement-queues.js';
import type { AnnouncementReason, Surroundings } from './announcement-schedule.js';
import { Announcer } from './announcer.js';
import type { TimerName, VrrpEffect, VrrpSettings, VrrpState } from './effect.js';
import { Holding } from './holding.js';
import { step, type VrrpEvent } from './machine.js';
import type { Received } from './receipt.js';
import { reconcile } from './reconciliation.js';
import { Segment } from './segment.js';
import { type VrrpCounters, zeroCounters } from './statistics.js';
import { isLeased, leaseDurationMs, marginMs, supersededAfterMs } from './timing.js';

export type VrrpFact = {
  readonly instance: string;
  readonly state: 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';
  /** On the speaker's clock. */
  readonly sinceMs: number;
  /** What it is now, tracked things counted. */
  readonly priority: number;
  /** Why it is in FAULT, or waits to begin; none: it is not, and does not. */
  readonly faults: readonly string[];
  /** Who sends adverts, as far as heard; null: nobody yet. */
  readonly masterAddress: IpAddress | null;
  readonly counters: Readonly<VrrpCounters>;
  readonly lateness: AdvertLateness;
};

export type VrrpSpeakerOptions = {
  readonly instance: VrrpInstance;
  /** Where adverts come from: of the instance's family. */
  readonly sourceAddress: IpAddress;
  readonly clock: Clock;
  /** The calendar's time, since 1970. */
  readonly epochMs: () => number;
  readonly packets: Packets;
  readonly owner: AddressOwner;
  /** Shared by all instances. */
  readonly announcements: AnnouncementQueues;
  readonly log: Log;
  /** Called on every change of state or master; counters alone are read with `fact()`. */
  readonly report: (fact: VrrpFact) => void;
  /** A MASTER has heard an advert of lower priority. */
  readonly heardLower?: () => void;
  /** An advert left later than `lateBoundMs`. */
  readonly leftLate?: (lateMs: number) => void;
};

const stateNames = {
  initialize: 'INIT',
  backup: 'BACKUP',
  master: 'MASTER',
  fault: 'FAULT',
} as const;

export class VrrpSpeaker {
  readonly #options: VrrpSpeakerOptions;
  readonly #segment: Segment;
  readonly #holding: Holding;
  readonly #announcer: Announcer;
  readonly #timers = new Map<TimerName, Timer>();
  readonly #dueMs = new Map<TimerName, number>();
  readonly #counters = zeroCounters();
  readonly #lateness = new AdvertLatenessCount();
  #settings: VrrpSettings;
  #state: VrrpState = 'initialize';
  #sinceMs: number;
  #masterAddress: IpAddress | null = null;
  #isInterfaceUp = true;
  #reopening: Timer | null = null;
  /** When the last advert left; null: it did not, or there was none since this node is MASTER. */
  #advertLeftMs: number | null = null;
  /** When the last one that left did so, or this node became MASTER. */
  #lastLeftMs = 0;
  /** The advert that a timer has just asked for was due then. */
  #advertDueMs: number | null = null;
  /** To be announced when the next advert has left. */
  #owed: AnnouncementReason | null = null;
  #faults: readonly string[] = [];
  #keepsAddresses = false;
  #lastLine = '';

  constructor(options: VrrpSpeakerOptions) {
    const { instance, sourceAddress, clock, packets, owner, log } = options;
    this.#options = options;
    this.#settings = {
      instance,
      sourceAddress,
      priority: instance.priority,
      masterIntervalMs: instance.advertIntervalMs,
      preemption: null,
      rival: null,
      isGroupReady: true,
    };
    this.#sinceMs = clock.nowMs();
    this.#segment = new Segment({
      packets,
      log,
      counters: this.#counters,
      settings: () => this.#settings,
      comparesList: (source) => this.#comparesList(source),
      heard: (advertisement) => this.#hear(advertisement),
      epochMs: options.epochMs,
    });
    this.#holding = new Holding(owner, clock, (reason) =>
      log.write('error', `(${instance.name}) cannot change the virtual addresses: ${reason}`),
    );
    this.#announcer = new Announcer({
      clock,
      queues: options.announcements,
      holder: instance.name,
      garp: () => this.#settings.instance.garp,
      surroundings: () => surroundingsOf(this.#settings.instance),
      send: (addresses) => this.#holding.announce(addresses.map(({ prefix }) => prefix)),
    });
  }

  /** `resumes`: the lease of an earlier process that was MASTER is still alive. */
  start({ resumes }: { readonly resumes: boolean }): void {
    const isHeard = this.#isInterfaceUp && this.#open();
    this.#happen({ type: 'started', resumes, isInterfaceUp: isHeard });
  }

  /**
   * Ends after the priority-0 advert has left and the addresses are released, or left to their
   * leases.
   */
  async stop({ keepsAddresses = false } = {}): Promise<void> {
    this.#keepsAddresses = keepsAddresses;
    this.#happen({ type: 'stopped' });
    this.#reopening?.cancel();
    this.#segment.close();
    await this.#holding.settled();
  }

  /**
   * May be called before `start`, which otherwise takes the interface for up. `isReachable`: it is
   * something else that fails, so that the others can be told.
   */
  interfaceChanged(isUp: boolean, isReachable = false): void {
    if (isUp === this.#isInterfaceUp) return;
    this.#isInterfaceUp = isUp;
    if (this.#state === 'initialize') return;
    if (isUp) {
      this.#leaveFault();
      return;
    }
    this.#reopening?.cancel();
    this.#happen({ type: 'interface_down', isReachable });
    this.#segment.close();
  }

  /** Why it cannot be MASTER now; none: it can. Otherwise as `interfaceChanged`. */
  faultsChanged(faults: readonly string[], isReachable: boolean): void {
    const isNews = faults.join() !== this.#faults.join();
    this.#faults = faults;
    if (isNews && faults.length > 0) {
      const { name } = this.#settings.instance;
      this.#options.log.write('notice', `(${name}) cannot be MASTER: ${faults.join('; ')}`);
    }
    this.interfaceChanged(faults.length === 0, isReachable);
    if (isNews && this.#state !== 'initialize') this.#report();
  }

  /** Only for changes that `reconcile` does not answer with 'restart'. */
  reconfigure(instance: VrrpInstance): void {
    const previous = this.#settings.instance;
    const reconciliation = reconcile(previous, instance);
    if (reconciliation === 'restart') throw new Error('assertion: the instance must be restarted');
    if (reconciliation === 'unchanged') return;
    // What an owner lacks is not tracking's: see rival-owner.ts.
    const added = previous.priority === 255 ? 0 : this.#settings.priority - previous.priority;
    const priority = withinPriorities(instance.priority + added, instance.priority);
    this.#settings = { ...this.#settings, instance, priority };
    this.#happen({ type: 'reconfigured', previous });
    this.#announceCompanions(previous);
    this.#report();
  }

  /** What tracking makes of the configured priority: 1..254, or 255 of an owner. */
  prioritise(priority: number): void {
    const previous = this.#settings;
    // An owner alone lowers itself, whatever is tracked.
    if (priority === previous.priority || previous.instance.priority === 255) return;
    const { name } = previous.instance;
    this.#settings = { ...previous, priority };
    const line = `(${name}) Changing effective priority from ${previous.priority} to ${priority}`;
    this.#options.log.write('notice', line);
    this.#happen({ type: 'priority_changed', previous });
    this.#report();
  }

  /** Whether all others of its sync group could be MASTER now; may be called before `start`. */
  groupIsReady(isReady: boolean): void {
    this.#settings = { ...this.#settings, isGroupReady: isReady };
  }

  /** Another member of its sync group changed its state. */
  followGroup(state: 'master' | 'backup'): void {
    this.#happen({ type: `group_${state}` });
  }

  /** Another member of its sync group has heard an advert of lower priority. */
  groupHeardLower(): void {
    this.#happen({ type: 'group_heard_lower' });
  }

  /** Somebody else removed an address that it holds. */
  addressLost(): void {
    this.#happen({ type: 'address_lost' });
  }

  clearCounters(): void {
    Object.assign(this.#counters, zeroCounters());
  }

  fact(): VrrpFact {
    return {
      instance: this.#settings.instance.name,
      state: stateNames[this.#state],
      sinceMs: this.#sinceMs,
      priority: this.#settings.priority,
      faults: this.#faults,
      masterAddress: this.#masterAddress,
      counters: { ...this.#counters },
      lateness: this.#lateness.summary(),
    };
  }

  #happen(event: VrrpEvent): void {
    if (this.#state === 'master') this.#examineSleep();
    this.#apply(event);
  }

  /** Whatever woke us: a MASTER that slept for too long has none of the rights of a MASTER. */
  #examineSleep(): void {
    const { instance } = this.#settings;
    if (this.#holding.isExpired) {
      this.#apply({ type: 'lease_expired' });
      return;
    }
    const supersededMs = supersededAfterMs(instance);
    if (supersededMs === null) return;
    const sleptMs = this.#options.clock.nowMs() - this.#lastLeftMs;
    if (sleptMs < supersededMs) return;
    this.#apply({ type: 'stood_still', lateMs: sleptMs - instance.advertIntervalMs });
  }

  #apply(event: VrrpEvent): void {
    const previous = this.#state;
    const { state, effects } = step(previous, this.#settings, event);
    this.#state = state;
    if (state !== previous) this.#enter(state, previous, event);
    for (const effect of effects) this.#perform(effect);
  }

  #enter(state: VrrpState, previous: VrrpState, event: VrrpEvent): void {
    this.#sinceMs = this.#options.clock.nowMs();
    this.#advertLeftMs = null;
    this.#lastLeftMs = this.#sinceMs;
    this.#advertDueMs = null;
    this.#owed = null;
    this.#masterAddress = null;
    if (previous === 'master') {
      this.#counters.releasedMaster += 1;
      this.#announcer.stop();
    }
    if (event.type === 'advertisement_received') this.#masterAddress = event.source;
    if (state !== 'master') return;
    this.#counters.becameMaster += 1;
    this.#masterAddress = this.#settings.sourceAddress;
  }

  #perform(effect: VrrpEffect): void {
    switch (effect.type) {
      case 'send_advertisement':
        this.#send(effect.priority);
        break;
      case 'set_timer':
        this.#setTimer(effect.name, effect.delayMs);
        break;
      case 'stop_timer':
        this.#stopTimer(effect.name);
        break;
      case 'shift_timer':
        this.#shiftTimer(effect.name, effect.byMs);
        break;
      case 'remember':
        this.#settings = { ...this.#settings, ...effect.memory };
        break;
      case 'own_addresses':
        this.#own(effect.addresses);
        break;
      case 'release_addresses':
        if (!this.#keepsAddresses) this.#holding.release(effect.addresses);
        break;
      case 'announce_addresses':
        this.#announce(effect.reason, effect.addresses);
        break;
      case 'log':
        this.#log(effect.line);
        break;
      case 'report_lower_priority':
        this.#options.heardLower?.();
        break;
      case 'report':
        this.#report();
        break;
    }
  }

  #send(priority: number): void {
    const nowMs = this.#options.clock.nowMs();
    this.#advertLeftMs = this.#segment.send(priority) ? nowMs : null;
    if (this.#advertLeftMs === null || this.#state !== 'master') return;
    this.#lastLeftMs = nowMs;
    this.#measure();
    this.#announcer.advertLeft();
  }

  #measure(): void {
    const dueMs = this.#advertDueMs;
    if (dueMs === null) return;
    this.#advertDueMs = null;
    const lateMs = this.#options.clock.nowMs() - dueMs;
    const { advertIntervalMs } = this.#settings.instance;
    if (this.#lateness.left(lateMs, advertIntervalMs)) this.#options.leftLate?.(lateMs);
  }

  /**
   * A lease is renewed by an advert that left, never by one that did not: the backups heard
   * neither.
   */
  #own(addresses: readonly Prefix[]): void {
    const { instance } = this.#settings;
    if (!isLeased(instance)) {
      this.#holding.hold(addresses, null);
      return;
    }
    if (this.#advertLeftMs === null) return;
    this.#holding.hold(addresses, this.#advertLeftMs + leaseDurationMs(instance));
    if (this.#owed !== null) this.#announce(this.#owed, addresses);
  }

  /** Never what is not held: without an advert there is no lease. */
  #announce(reason: AnnouncementReason, announced: readonly Prefix[]): void {
    const { instance } = this.#settings;
    this.#owed = isLeased(instance) && this.#advertLeftMs === null ? reason : null;
    if (this.#owed !== null) return;
    const wanted = new Set(announced.map(formatPrefix));
    const some = instance.virtualAddresses.filter(({ prefix }) => wanted.has(formatPrefix(prefix)));
    const isWhole = some.length === instance.virtualAddresses.length;
    this.#announcer.announce(reason, isWhole ? heldAddresses(instance) : some);
  }

  /** The machine knows of advertised addresses alone. */
  #announceCompanions(previous: VrrpInstance): void {
    if (this.#state !== 'master' || this.#owed !== null) return;
    const { instance } = this.#settings;
    const before = new Set(heldAddresses(previous).map(({ prefix }) => formatPrefix(prefix)));
    const added = companionsOf(instance).filter(({ prefix }) => !before.has(formatPrefix(prefix)));
    if (added.length > 0) this.#announcer.announce('addresses_added', added);
  }

  #setTimer(name: TimerName, delayMs: number): void {
    this.#stopTimer(name);
    const { clock } = this.#options;
    const dueMs = clock.nowMs() + delayMs;
    this.#dueMs.set(name, dueMs);
    this.#timers.set(
      name,
      clock.setTimer(delayMs, () => this.#expire(name, dueMs)),
    );
  }

  #expire(name: TimerName, dueMs: number): void {
    if (name === 'master_down') {
      this.#listenOnce(this.#options.clock.nowMs() - dueMs);
      return;
    }
    if (name === 'advertisement') this.#advertDueMs = dueMs;
    this.#happen({ type: `${name}_timer_expired` });
  }

  #shiftTimer(name: TimerName, byMs: number): void {
    const dueMs = this.#dueMs.get(name);
    if (dueMs === undefined) return;
    this.#setTimer(name, Math.max(0, dueMs + byMs - this.#options.clock.nowMs()));
  }

  #stopTimer(name: TimerName): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    this.#dueMs.delete(name);
  }

  /**
   * A process that stood still finds its timers expired before it finds the master's adverts, which
   * lie unread in the socket: it reads what there is before it takes over, for as long as it was
   * late.
   */
  #listenOnce(latenessMs: number): void {
    const waitMs = Math.min(Math.max(latenessMs, 0), marginMs(this.#settings.instance));
    const timer = this.#options.clock.setTimer(waitMs, () =>
      this.#happen({ type: 'master_down_timer_expired' }),
    );
    this.#timers.set('master_down', timer);
  }

  #hear({ priority, source, advertIntervalMs }: Received): void {
    this.#happen({ type: 'advertisement_received', priority, source, advertIntervalMs });
    if (this.#state !== 'backup' || priority === 0 || this.#masterAddress === source) return;
    this.#masterAddress = source;
    this.#report();
  }

  /** A list is looked at when it may be new, or when we are compared with it. */
  #comparesList(source: IpAddress): boolean {
    const { comparesEveryList } = this.#settings.instance;
    return comparesEveryList || this.#state === 'master' || source !== this.#masterAddress;
  }

  /** The interface may be another one of the same name, so its socket is a new one. */
  #leaveFault(): void {
    if (this.#open()) this.#happen({ type: 'interface_up' });
  }

  /** False: not now, but tried again until it succeeds or the interface goes down. */
  #open(): boolean {
    const opened = this.#segment.open();
    if (opened.isOk()) return true;
    const { instance } = this.#settings;
    this.#log(`(${instance.name}) ${describePacketError(opened.error)}, trying again`);
    this.#reopening = this.#options.clock.setTimer(instance.advertIntervalMs, () =>
      this.#leaveFault(),
    );
    return false;
  }

  /** A line that repeats itself with every advert is written once. */
  #log(line: string): void {
    if (line === this.#lastLine) return;
    this.#lastLine = line;
    this.#options.log.write('notice', line);
  }

  #report(): void {
    this.#options.report(this.fact());
  }
}

/** An owner is 255 whatever is tracked, and nobody else is. */
function withinPriorities(priority: number, configured: number): number {
  return configured === 255 ? 255 : Math.min(Math.max(priority, 1), 254);
}

/** With the excluded ones, and the local addresses of the data plane that follow the instance. */
function heldAddresses(instance: VrrpInstance): readonly VirtualAddress[] {
  return [...instance.virtualAddresses, ...companionsOf(instance)];
}

function companionsOf({ objects }: VrrpInstance): readonly VirtualAddress[] {
  return [...objects.addresses.filter((one) => !one.isAdvertised), ...objects.localAddresses];
}

/** A port and its companion interface have one MAC address. */
function surroundingsOf(instance: VrrpInstance): Surroundings {
  return {
    addresses: heldAddresses(instance),
    advertDevices: new Set([instance.interface, instance.dpdkInterface ?? instance.interface]),
    isVirtualDevice: (device) => instance.objects.links.some(({ name }) => name === device),
  };
}
