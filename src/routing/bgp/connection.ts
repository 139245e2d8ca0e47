// One connection with a neighbour, or the attempt at one: bytes, timers and what is asked become
// events of the machine, its effects become messages and timers. Decides nothing itself but whether
// what was sent is being taken.
import type { IpAddress } from '../../net/address.js';
import type { Clock } from '../../ports/clock.js';
import type { Random } from '../../ports/random.js';
import {
  describeTcpSessionError,
  type TcpSession,
  type TcpSessionEvents,
  type TcpSessions,
} from '../../ports/tcp-sessions.js';
import type { BgpCounters, MessageKind } from './counters.js';
import { Deadline } from './deadline.js';
import type {
  BgpEffect,
  BgpFailure,
  BgpMemory,
  BgpSettings,
  BgpState,
  BgpTimerName,
} from './effect.js';
import { type BgpEvent, step } from './machine.js';
import { encodeKeepalive } from './message/header.js';
import type { Open, ReceivedMessage, ReceivedUpdate, SentUpdate } from './message/message.js';
import { MessageReader } from './message/message-reader.js';
import { encodeNotification } from './message/notification.js';
import { encodeOpen } from './message/open.js';
import { encodeRouteRefresh } from './message/route-refresh.js';
import { encodeUpdate } from './message/update.js';
import type { Negotiated } from './negotiation.js';

/** What the peer that has the connection is asked and told. */
export type ConnectionOwner = {
  /** All but what this connection has negotiated. */
  readonly settings: () => Omit<BgpSettings, 'negotiated'>;
  readonly remember: (memory: Partial<BgpMemory>) => void;
  /** Before the machine sees it; false: the connection has lost a collision. */
  readonly mayOpen: (connection: BgpConnection, open: Open) => boolean;
  /** Of an Established session; false: it has been closed meanwhile. */
  readonly heardUpdate: (connection: BgpConnection, update: ReceivedUpdate) => void;
  readonly beginRoutes: (connection: BgpConnection) => void;
  readonly resendRoutes: (family: 'ipv4' | 'ipv6') => void;
  readonly planRoutes: () => void;
  readonly failed: (connection: BgpConnection, failure: BgpFailure) => void;
  /** The machine has another state; whatever belongs to it is done. */
  readonly changed: (connection: BgpConnection, before: BgpState) => void;
};

export type ConnectionOptions = {
  readonly owner: ConnectionOwner;
  readonly clock: Clock;
  readonly random: Random;
  readonly tcp: TcpSessions;
  readonly counters: BgpCounters;
};

/** A NOTIFICATION may take so long to leave. */
const lingerMs = 2_000;

export class BgpConnection {
  readonly #options: ConnectionOptions;
  readonly #settings: BgpSettings;
  readonly #deadlines = new Map<BgpTimerName, Deadline>();
  #reader = new MessageReader();
  #session: TcpSession | null = null;
  #state: BgpState;
  #before: BgpState = 'idle';
  #sinceMs: number;
  #isOurs = true;
  #negotiated: Negotiated | null = null;
  #localAddress: IpAddress | null = null;
  #sentOctets = 0;
  #takenOctets = 0;
  #sendHoldMs = 0;

  /** `active`: waits for a connection that was accepted. */
  constructor(options: ConnectionOptions, state: 'idle' | 'active' = 'idle') {
    this.#options = options;
    this.#settings = currentSettings(options.owner, () => this.#negotiated);
    this.#state = state;
    this.#sinceMs = options.clock.nowMs();
  }

  get state(): BgpState {
    return this.#state;
  }

  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** We have opened it. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  get negotiated(): Negotiated | null {
    return this.#negotiated;
  }

  /** Our end of the session that is there; null: there is none. */
  get localAddress(): IpAddress | null {
    return this.#localAddress;
  }

  /** The state before the last step was Established. */
  get wasEstablished(): boolean {
    return this.#before === 'established';
  }

  /** Nothing happens any more. */
  retire(): void {
    for (const deadline of this.#deadlines.values()) deadline.clear();
    this.#drop(0);
    this.#state = 'idle';
  }

  happen(event: BgpEvent): void {
    const before = this.#state;
    const { state, effects } = step(before, this.#settings, event);
    this.#state = state;
    this.#before = before;
    if (state !== before) {
      this.#sinceMs = this.#options.clock.nowMs();
      if (before === 'established') this.#options.counters.flaps += 1;
    }
    for (const effect of effects) this.#perform(effect, before);
  }

  /** A connection that the neighbour has opened, for a machine that is Active. */
  accept(session: TcpSession): Omit<TcpSessionEvents, 'opened'> {
    this.#isOurs = false;
    this.#take(session);
    const events = this.#eventsOf(() => session);
    this.happen({ type: 'tcp_accepted' });
    return events;
  }

  /** Of an Established session: octets that the neighbour has not taken yet. */
  unsentOctets(): number {
    return this.#session?.unsentBytes() ?? 0;
  }

  update(update: SentUpdate): void {
    const terms = this.#negotiated?.terms;
    if (terms === undefined) return;
    for (const message of encodeUpdate(update, terms)) this.#send('update', message);
  }

  markRefresh(family: 'ipv4' | 'ipv6', phase: 'begin' | 'end'): void {
    this.#send('route_refresh', encodeRouteRefresh({ family, phase }));
  }

  #perform(effect: BgpEffect, before: BgpState): void {
    const { owner } = this.#options;
    switch (effect.type) {
      case 'connect':
        this.#connect();
        break;
      case 'disconnect':
        this.#drop(0);
        break;
      case 'send_open':
        this.#send('open', encodeOpen(effect.open));
        break;
      case 'send_keepalive':
        this.#send('keepalive', encodeKeepalive());
        break;
      case 'send_notification':
        this.#send('notification', encodeNotification(effect.notification));
        this.#drop(lingerMs);
        break;
      case 'set_timer':
        this.#setTimer(effect.name, effect.delayMs * (effect.isJittered ? this.#jitter() : 1));
        if (effect.name === 'send_hold') this.#sendHoldMs = effect.delayMs;
        break;
      case 'stop_timer':
        this.#deadlines.get(effect.name)?.clear();
        break;
      case 'remember':
        owner.remember(effect.memory);
        break;
      case 'negotiate':
        this.#agree(effect.negotiated);
        break;
      case 'begin_routes':
        owner.beginRoutes(this);
        break;
      case 'resend_routes':
        owner.resendRoutes(effect.family);
        break;
      case 'plan_routes':
        owner.planRoutes();
        break;
      case 'fail':
        owner.failed(this, effect.failure);
        break;
      case 'report':
        owner.changed(this, before);
        break;
    }
  }

  /** RFC 4271 section 10. */
  #jitter(): number {
    return 0.75 + 0.25 * this.#options.random();
  }

  #setTimer(name: BgpTimerName, delayMs: number): void {
    let deadline = this.#deadlines.get(name);
    if (deadline === undefined) {
      deadline = new Deadline(this.#options.clock, () => this.#expire(name));
      this.#deadlines.set(name, deadline);
    }
    deadline.set(delayMs);
  }

  #expire(name: BgpTimerName): void {
    if (name === 'send_hold' && this.#isTaken()) this.#setTimer(name, this.#sendHoldMs);
    else this.happen({ type: `${name}_timer_expired` });
  }

  #connect(): void {
    this.#isOurs = true;
    const { neighbor } = this.#options.owner.settings();
    const { address, password, sentHops, hopsMin, port, source, interface: link } = neighbor;
    const target = { address, password, sentHops, hopsMin, port, source, interface: link };
    let opened: TcpSession | null = null;
    const events = this.#eventsOf(() => opened);
    const session = this.#options.tcp.connect(target, {
      ...events,
      opened: () => {
        if (opened === null || this.#session !== opened) return;
        this.#localAddress = opened.localAddress;
        this.happen({ type: 'tcp_opened' });
      },
    });
    if (session.isOk()) {
      opened = session.value;
      this.#take(session.value);
      return;
    }
    // Never from inside of an effect: the machine has not finished its step.
    const reason = describeTcpSessionError(session.error);
    this.#options.clock.setTimer(0, () => {
      if (this.#session === null && this.#state === 'connect') {
        this.happen({ type: 'tcp_failed', reason });
      }
    });
  }

  #take(session: TcpSession): void {
    this.#session = session;
    this.#localAddress = this.#isOurs ? null : session.localAddress;
    this.#reader = new MessageReader();
    this.#sentOctets = 0;
    this.#takenOctets = 0;
  }

  /** Events of a session that is not ours any more are nobody's. */
  #eventsOf(session: () => TcpSession | null): Omit<TcpSessionEvents, 'opened'> {
    const isCurrent = (): boolean => this.#session !== null && this.#session === session();
    return {
      received: (bytes) => {
        if (isCurrent()) this.#read(bytes, isCurrent);
      },
      closed: (reason) => {
        if (!isCurrent()) return;
        this.#forget();
        this.happen({ type: 'tcp_failed', reason });
      },
    };
  }

  #read(bytes: Uint8Array, isCurrent: () => boolean): void {
    for (const read of this.#reader.messages(bytes)) {
      if (read.isErr()) this.happen({ type: 'bad_message', error: read.error });
      else this.#hear(read.value);
      if (!isCurrent()) return;
    }
  }

  #hear(message: ReceivedMessage): void {
    const { counters, owner } = this.#options;
    counters.received[message.type] += 1;
    switch (message.type) {
      case 'open':
        if (owner.mayOpen(this, message)) this.happen({ type: 'open_received', open: message });
        break;
      case 'update':
        this.happen({ type: 'update_received', update: message });
        if (this.#state === 'established') owner.heardUpdate(this, message);
        break;
      case 'notification':
        this.happen({ type: 'notification_received', notification: message });
        break;
      case 'route_refresh':
        this.happen({ type: 'refresh_received', refresh: message });
        break;
      case 'keepalive':
        this.happen({ type: 'keepalive_received' });
        break;
    }
  }

  #agree(negotiated: Negotiated | null): void {
    this.#negotiated = negotiated;
    if (negotiated !== null) this.#reader.agree(negotiated.terms);
  }

  #send(kind: MessageKind, message: Uint8Array): void {
    if (this.#session === null) return;
    if (this.#sendHoldMs > 0 && this.#isTaken()) this.#setTimer('send_hold', this.#sendHoldMs);
    this.#options.counters.sent[kind] += 1;
    if (kind === 'update') this.#options.counters.lastUpdateSentMs = this.#options.clock.nowMs();
    this.#sentOctets += message.length;
    this.#session.send(message);
  }

  /** RFC 9687: whether the neighbour has taken anything since this was asked last. */
  #isTaken(): boolean {
    const unsent = this.#session?.unsentBytes() ?? 0;
    const taken = this.#sentOctets - unsent;
    const isProgress = unsent === 0 || taken > this.#takenOctets;
    this.#takenOctets = taken;
    return isProgress;
  }

  #drop(waitMs: number): void {
    const session = this.#session;
    this.#forget();
    session?.close(waitMs);
  }

  #forget(): void {
    this.#session = null;
    this.#localAddress = null;
    this.#negotiated = null;
    this.#sendHoldMs = 0;
  }
}

/** Read only where a rule asks: with a full table most steps need what was negotiated alone. */
function currentSettings(
  { settings }: Pick<ConnectionOwner, 'settings'>,
  negotiated: () => Negotiated | null,
): BgpSettings {
  return {
    get neighbor() {
      return settings().neighbor;
    },
    get localAs() {
      return settings().localAs;
    },
    get identifier() {
      return settings().identifier;
    },
    get hostName() {
      return settings().hostName;
    },
    get isForwarding() {
      return settings().isForwarding;
    },
    get memory() {
      return settings().memory;
    },
    get negotiated() {
      return negotiated();
    },
  };
}
