// Runs one BFD session in asynchronous mode (RFC 5880 section 6.8): packets and timers become
// events of the machine, its effects become packets. Which packets are its own is sessions.ts.
import type { BfdSettings } from '../../config/bfd.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { Random } from '../../ports/random.js';
import type { BfdFact } from './fact.js';
import { type BfdEffect, type BfdEvent, heardEvent, step } from './machine.js';
import {
  type BfdState,
  type ControlPacket,
  type DropReason,
  diagnosticText,
  encodeControl,
} from './packet.js';
import {
  advertised,
  detectionMs,
  inUse,
  jittered,
  type LocalTimers,
  microseconds,
  type RemoteTimers,
  remoteTimersOf,
  transmitMs,
  unknownTimers,
} from './timing.js';

/** A detection timer that is later than this has slept: packets may wait in the socket. */
const sleptMs = 5;
/** Flags of an encoded packet: its second octet. */
const flagsAt = 1;
const pollBit = 0x20;
const finalBit = 0x10;

export type BfdSessionOptions = {
  readonly settings: BfdSettings;
  /** Not 0, and of no other session. */
  readonly discriminator: number;
  readonly clock: Clock;
  readonly random: Random;
  /** False: it did not leave. The bytes are good until the call returns. */
  readonly send: (bytes: Uint8Array) => boolean;
  /** After each change of state. */
  readonly changed: () => void;
};

export class BfdSession {
  readonly #options: BfdSessionOptions;
  #settings: BfdSettings;
  #state: BfdState = 'AdminDown';
  #sinceMs: number;
  #diagnostic = 0;
  #remoteDiagnostic = 0;
  #remoteDiscriminator = 0;
  #remoteState: BfdState | null = null;
  #remote: RemoteTimers = unknownTimers;
  /** What the neighbour knows of our timers for certain. */
  #confirmed: LocalTimers;
  /**
   * `again`: runs, and another follows; `due`: that one begins after a packet without the bit, so
   * that its Final is not the last one's.
   */
  #poll: 'none' | 'running' | 'again' | 'due' = 'none';
  #polled: LocalTimers;
  #encoded: Uint8Array | null = null;
  #transmission: Timer | null = null;
  /** What the timer of the next packet was made of. */
  #paceMs: number | null = null;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #detection: Timer | null = null;
  #detectionTimerMs = Number.POSITIVE_INFINITY;
  #heardAtMs = 0;
  #received = 0;
  #sent = 0;
  #unsent = 0;
  #timesDown = 0;
  #lastReason: string | null = null;
  readonly #drops = new Map<DropReason, number>();

  constructor(options: BfdSessionOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#sinceMs = options.clock.nowMs();
    this.#confirmed = advertised(options.settings, 'Down');
    this.#polled = this.#confirmed;
  }

  get discriminator(): number {
    return this.#options.discriminator;
  }

  get settings(): BfdSettings {
    return this.#settings;
  }

  start(): void {
    this.#happen({ type: 'enabled' });
  }

  /** AdminDown from now on; the packet that says so has left, `tellStopped` repeats it. */
  stop(): void {
    this.#happen({ type: 'disabled' });
    this.#transmission?.cancel();
    this.#detection?.cancel();
    this.#paceMs = null;
  }

  tellStopped(): void {
    if (this.#state === 'AdminDown') this.#send(0);
  }

  /** A packet for this session that passed every rule. */
  hear(packet: ControlPacket): void {
    if (this.#state === 'AdminDown') {
      this.drop('administratively_down');
      return;
    }
    this.#received += 1;
    this.#learn(packet);
    if (packet.isFinal) this.#hearFinal();
    this.#happen(heardEvent(packet.state));
    this.#heardAtMs = this.#options.clock.nowMs();
    this.#watchSilence();
    this.#setPace();
    if (packet.polls) this.#answer();
  }

  drop(reason: DropReason): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1);
  }

  /** Only for changes that leave the path as it is: timers, multiplier, limits. */
  reconfigure(settings: BfdSettings): void {
    const before = advertised(this.#settings, this.#state);
    const isOtherMultiplier = settings.multiplier !== this.#settings.multiplier;
    this.#settings = settings;
    this.#encoded = null;
    const after = advertised(settings, this.#state);
    const isOther = before.minTxMs !== after.minTxMs || before.minRxMs !== after.minRxMs;
    if (this.#state === 'Up' && (isOther || isOtherMultiplier)) this.#beginPoll();
    this.#watchSilence();
    this.#setPace();
  }

  fact(): BfdFact {
    const isRemoteOff = this.#state === 'Down' && this.#remoteState === 'AdminDown';
    return {
      settings: this.#settings,
      state: this.#state,
      sinceMs: this.#sinceMs,
      remoteState: this.#remoteState,
      localDiagnostic: diagnosticText(this.#diagnostic),
      remoteDiagnostic: diagnosticText(this.#remoteDiagnostic),
      localDiscriminator: this.#options.discriminator,
      remoteDiscriminator: this.#remoteDiscriminator,
      transmitMs: this.#transmitMs(),
      detectionMs: detectionMs(this.#timers(), this.#remote),
      received: this.#received,
      sent: this.#sent,
      unsent: this.#unsent,
      drops: Object.fromEntries(this.#drops),
      timesDown: this.#timesDown,
      lastReason: this.#lastReason,
      isNeighborAdminDown: isRemoteOff,
    };
  }

  #learn(packet: ControlPacket): void {
    if (packet.myDiscriminator !== this.#remoteDiscriminator) {
      this.#remoteDiscriminator = packet.myDiscriminator;
      this.#encoded = null;
    }
    this.#remoteState = packet.state;
    this.#remoteDiagnostic = packet.diagnostic;
    this.#remote = remoteTimersOf(packet);
  }

  #happen(event: BfdEvent): void {
    const previous = this.#state;
    const { state, effects } = step(previous, event);
    if (state !== previous) this.#enter(state);
    for (const effect of effects) this.#perform(effect);
    this.#setPace();
  }

  #enter(state: BfdState): void {
    if (this.#state === 'Up') this.#timesDown += 1;
    // What was said so far was said in a state that needs no confirmation.
    this.#confirmed = advertised(this.#settings, this.#state);
    this.#state = state;
    this.#sinceMs = this.#options.clock.nowMs();
    this.#encoded = null;
  }

  #perform(effect: BfdEffect): void {
    switch (effect.type) {
      case 'set_diagnostic':
        this.#diagnostic = effect.diagnostic;
        this.#encoded = null;
        break;
      case 'forget_neighbor':
        this.#forget();
        break;
      case 'begin_poll':
        this.#poll = 'none';
        this.#beginPoll();
        break;
      case 'end_poll':
        this.#poll = 'none';
        break;
      case 'send':
        this.#transmit();
        break;
      case 'report':
        this.#lastReason = effect.reason;
        this.#options.changed();
        break;
    }
  }

  /** But what it said last: one that was told to stop falls silent, and that is no failure. */
  #forget(): void {
    this.#remoteDiscriminator = 0;
    this.#remote = unknownTimers;
    this.#encoded = null;
  }

  #beginPoll(): void {
    if (this.#poll === 'due') return;
    if (this.#poll !== 'none') {
      this.#poll = 'again';
      return;
    }
    this.#poll = 'running';
    this.#polled = advertised(this.#settings, this.#state);
  }

  #hearFinal(): void {
    if (this.#poll === 'none') return;
    this.#confirmed = this.#polled;
    this.#poll = this.#poll === 'again' ? 'due' : 'none';
  }

  /** Our timers as they are acted on. */
  #timers(): LocalTimers {
    return inUse(this.#state, advertised(this.#settings, this.#state), this.#confirmed);
  }

  #transmitMs(): number | null {
    // A Poll Sequence goes on although the neighbour demands silence (6.6).
    const remote = this.#poll === 'none' ? this.#remote : { ...this.#remote, demands: false };
    return transmitMs(this.#timers(), remote, this.#state);
  }

  /** The next packet comes by what holds now, counted from the last one. */
  #setPace(): void {
    const paceMs = this.#isSilent() ? null : this.#transmitMs();
    if (paceMs === this.#paceMs) return;
    this.#paceMs = paceMs;
    this.#awaitTurn();
  }

  #awaitTurn(): void {
    this.#transmission?.cancel();
    this.#transmission = null;
    if (this.#paceMs === null) return;
    const { clock, random } = this.#options;
    const waitMs = jittered(this.#paceMs, this.#settings.multiplier, random());
    const leftMs = Math.max(0, this.#sentAtMs + waitMs - clock.nowMs());
    this.#transmission = clock.setTimer(leftMs, () => this.#transmit());
  }

  /** AdminDown is told by `stop`; the passive role waits for the neighbour (6.1). */
  #isSilent(): boolean {
    return this.#waitsForNeighbor() || this.#state === 'AdminDown';
  }

  #waitsForNeighbor(): boolean {
    return this.#settings.isPassive && this.#remoteDiscriminator === 0;
  }

  #transmit(): void {
    if (this.#waitsForNeighbor()) return;
    const isPolling = this.#poll === 'running' || this.#poll === 'again';
    this.#send(isPolling ? pollBit : 0);
    this.#sentAtMs = this.#options.clock.nowMs();
    if (this.#poll === 'due') {
      this.#poll = 'none';
      this.#beginPoll();
    }
    this.#awaitTurn();
  }

  /** At once, whatever the timers say (6.8.7). */
  #answer(): void {
    this.#send(finalBit);
  }

  #send(flags: number): void {
    const bytes = this.#bytes();
    const before = bytes[flagsAt] ?? 0;
    bytes[flagsAt] = before | flags;
    const hasLeft = this.#options.send(bytes);
    bytes[flagsAt] = before;
    if (hasLeft) this.#sent += 1;
    else this.#unsent += 1;
  }

  #bytes(): Uint8Array {
    if (this.#encoded !== null) return this.#encoded;
    const { minTxMs, minRxMs } = advertised(this.#settings, this.#state);
    this.#encoded = encodeControl({
      state: this.#state,
      diagnostic: this.#diagnostic,
      polls: false,
      isFinal: false,
      // The packets come from the process that also decides: they share its fate.
      isControlPlaneIndependent: false,
      demands: false,
      multiplier: this.#settings.multiplier,
      myDiscriminator: this.#options.discriminator,
      yourDiscriminator: this.#remoteDiscriminator,
      desiredMinTxUs: microseconds(minTxMs),
      requiredMinRxUs: microseconds(minRxMs),
      requiredMinEchoRxUs: 0,
    });
    return this.#encoded;
  }

  /** A timer that is early is set anew when it rings: packets come far more often than it does. */
  #watchSilence(): void {
    const dueMs = this.#silenceDueMs();
    if (dueMs >= this.#detectionTimerMs) return;
    this.#detection?.cancel();
    this.#detectionTimerMs = dueMs;
    const { clock } = this.#options;
    const leftMs = Math.max(0, dueMs - clock.nowMs());
    this.#detection = clock.setTimer(leftMs, () => this.#listenOnce());
  }

  #silenceDueMs(): number {
    const silenceMs = detectionMs(this.#timers(), this.#remote);
    return silenceMs === null ? Number.POSITIVE_INFINITY : this.#heardAtMs + silenceMs;
  }

  /** Whoever was late itself must first take what has arrived meanwhile. */
  #listenOnce(): void {
    this.#detectionTimerMs = Number.POSITIVE_INFINITY;
    const { clock } = this.#options;
    const lateMs = clock.nowMs() - this.#silenceDueMs();
    if (lateMs < 0) {
      this.#watchSilence();
      return;
    }
    const turnMs = lateMs > sleptMs ? sleptMs : 0;
    this.#detectionTimerMs = clock.nowMs() + turnMs;
    this.#detection = clock.setTimer(turnMs, () => this.#judgeSilence());
  }

  #judgeSilence(): void {
    this.#detectionTimerMs = Number.POSITIVE_INFINITY;
    if (this.#options.clock.nowMs() < this.#silenceDueMs()) {
      this.#watchSilence();
      return;
    }
    this.#happen({ type: 'detection_expired' });
    this.#watchSilence();
  }
}
