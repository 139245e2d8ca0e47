// Runs one VRRP instance: adverts, timers and reloads become events of the machine, its effects
// become adverts, timers and leases. Decides nothing itself but when a lease or a timer was slept
// through.
import type { VrrpInstance } from '../../config/vrrp.js';
import type { IpAddress } from '../../net/address.js';
import type { Prefix } from '../../net/prefix.js';
import type { AddressOwner } from '../../ports/address-owner.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import { describePacketError, type Packets } from '../../ports/packets.js';
import { Holding } from './holding.js';
import {
  reconcile,
  step,
  type TimerName,
  type VrrpEffect,
  type VrrpEvent,
  type VrrpSettings,
  type VrrpState,
} from './machine.js';
import type { Advertisement } from './packet.js';
import { Segment } from './segment.js';
import { type VrrpCounters, zeroCounters } from './statistics.js';
import { leaseDurationMs, marginMs } from './timing.js';

export type VrrpFact = {
  readonly instance: string;
  readonly state: 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';
  /** On the speaker's clock. */
  readonly sinceMs: number;
  readonly priority: number;
  /** Who sends adverts, as far as heard; null: nobody yet. */
  readonly masterAddress: IpAddress | null;
  readonly counters: Readonly<VrrpCounters>;
};

export type VrrpSpeakerOptions = {
  readonly instance: VrrpInstance;
  /** The interface's primary IPv4 address. */
  readonly sourceAddress: IpAddress;
  readonly clock: Clock;
  readonly packets: Packets;
  readonly owner: AddressOwner;
  readonly log: Log;
  /** Called on every change of state or master; counters alone are read with `fact()`. */
  readonly report: (fact: VrrpFact) => void;
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
  readonly #timers = new Map<TimerName, Timer>();
  readonly #counters = zeroCounters();
  #settings: VrrpSettings;
  #state: VrrpState = 'initialize';
  #sinceMs: number;
  #masterAddress: IpAddress | null = null;
  #isInterfaceUp = true;
  #reopening: Timer | null = null;
  /** When the last advert left; null: it did not, or there was none since this node is MASTER. */
  #advertLeftMs: number | null = null;
  #owesAnnouncement = false;
  #keepsAddresses = false;
  #lastLine = '';

  constructor(options: VrrpSpeakerOptions) {
    const { instance, sourceAddress, clock, packets, owner, log } = options;
    this.#options = options;
    this.#settings = { instance, sourceAddress };
    this.#sinceMs = clock.nowMs();
    this.#segment = new Segment({
      packets,
      log,
      counters: this.#counters,
      settings: () => this.#settings,
      heard: (advertisement) => this.#hear(advertisement),
    });
    this.#holding = new Holding(owner, clock, (reason) =>
      log.write('error', `(${instance.name}) cannot change the virtual addresses: ${reason}`),
    );
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

  /** May be called before `start`, which otherwise takes the interface for up. */
  interfaceChanged(isUp: boolean): void {
    if (isUp === this.#isInterfaceUp) return;
    this.#isInterfaceUp = isUp;
    if (this.#state === 'initialize') return;
    if (isUp) {
      this.#leaveFault();
      return;
    }
    this.#reopening?.cancel();
    this.#happen({ type: 'interface_down' });
    this.#segment.close();
  }

  /** Only for changes that `reconcile` does not answer with 'restart'. */
  reconfigure(instance: VrrpInstance): void {
    const previous = this.#settings.instance;
    const reconciliation = reconcile(previous, instance);
    if (reconciliation === 'restart') throw new Error('assertion: the instance must be restarted');
    if (reconciliation === 'unchanged') return;
    this.#settings = { ...this.#settings, instance };
    this.#happen({ type: 'reconfigured', previous });
    this.#report();
  }

  clearCounters(): void {
    Object.assign(this.#counters, zeroCounters());
  }

  fact(): VrrpFact {
    return {
      instance: this.#settings.instance.name,
      state: stateNames[this.#state],
      sinceMs: this.#sinceMs,
      priority: this.#settings.instance.priority,
      masterAddress: this.#masterAddress,
      counters: { ...this.#counters },
    };
  }

  #happen(event: VrrpEvent): void {
    // Whatever woke us: a MASTER that slept through its lease has none of the rights of a MASTER.
    if (this.#state === 'master' && this.#holding.isExpired) this.#apply({ type: 'lease_expired' });
    this.#apply(event);
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
    this.#owesAnnouncement = false;
    this.#masterAddress = null;
    if (previous === 'master') this.#counters.releasedMaster += 1;
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
      case 'own_addresses':
        this.#own(effect.addresses);
        break;
      case 'release_addresses':
        if (!this.#keepsAddresses) this.#holding.release(effect.addresses);
        break;
      case 'announce_addresses':
        this.#announce(effect.addresses);
        break;
      case 'log':
        this.#log(effect.line);
        break;
      case 'report':
        this.#report();
        break;
    }
  }

  #send(priority: number): void {
    const nowMs = this.#options.clock.nowMs();
    this.#advertLeftMs = this.#segment.send(priority) ? nowMs : null;
  }

  /**
   * A lease is renewed by an advert that left, never by one that did not: the backups heard
   * neither.
   */
  #own(addresses: readonly Prefix[]): void {
    const { instance } = this.#settings;
    if (!instance.leases) {
      this.#holding.hold(addresses, null);
      return;
    }
    if (this.#advertLeftMs === null) return;
    this.#holding.hold(addresses, this.#advertLeftMs + leaseDurationMs(instance));
    if (this.#owesAnnouncement) this.#announce(addresses);
  }

  #announce(addresses: readonly Prefix[]): void {
    const { instance } = this.#settings;
    this.#owesAnnouncement = instance.leases && this.#advertLeftMs === null;
    if (this.#owesAnnouncement) return;
    this.#holding.announce(addresses, instance.garpMasterRepeat);
  }

  #setTimer(name: TimerName, delayMs: number): void {
    this.#stopTimer(name);
    const { clock } = this.#options;
    const dueMs = clock.nowMs() + delayMs;
    const expired =
      name === 'master_down'
        ? () => this.#listenOnce(clock.nowMs() - dueMs)
        : () => this.#happen({ type: `${name}_timer_expired` });
    this.#timers.set(name, clock.setTimer(delayMs, expired));
  }

  #stopTimer(name: TimerName): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }

  /**
   * A process that stood still finds its timers expired before it finds the master's adverts, which
   * lie unread in the socket: it reads what there is before it takes over, for as long as it was
   * late.
   */
  #listenOnce(latenessMs: number): void {
    const waitMs = Math.min(latenessMs, marginMs(this.#settings.instance));
    const timer = this.#options.clock.setTimer(waitMs, () =>
      this.#happen({ type: 'master_down_timer_expired' }),
    );
    this.#timers.set('master_down', timer);
  }

  #hear({ priority, source }: Advertisement): void {
    this.#happen({ type: 'advertisement_received', priority, source });
    if (this.#state !== 'backup' || priority === 0 || this.#masterAddress === source) return;
    this.#masterAddress = source;
    this.#report();
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
