// The state machine of one BGP connection (RFC 4271 section 8, with 6608, 9384, 9687), and of the
// attempts at one. Pure: knows no clock, no socket. A neighbour that connects while we do has a
// machine of its own, as section 8.2.1 has it; which of both stays says collision.ts.
import {
  type BgpEffect,
  type BgpFailure,
  type BgpSettings,
  type BgpState,
  setTimer,
  stopTimer,
  stopTimers,
} from './effect.js';
import type {
  MessageError,
  Notification,
  Open,
  ReceivedUpdate,
  RouteRefresh,
} from './message/message.js';
import { hardResetNotification } from './message/notification.js';
import { negotiate, ourOpen } from './negotiation.js';

export type BgpEvent =
  /** Events 1 and 3 to 7 of section 8.1, as the neighbour is configured. */
  | { readonly type: 'started' }
  /** Events 2 and 8, with what the neighbour is told. */
  | { readonly type: 'stopped'; readonly notification: Notification }
  /** Event 13. */
  | { readonly type: 'idle_hold_timer_expired' }
  /** Event 9. */
  | { readonly type: 'connect_retry_timer_expired' }
  /** Event 10. */
  | { readonly type: 'hold_timer_expired' }
  /** Event 11. */
  | { readonly type: 'keepalive_timer_expired' }
  /** Event 29 (RFC 9687). */
  | { readonly type: 'send_hold_timer_expired' }
  /** Event 16. */
  | { readonly type: 'tcp_opened' }
  /** Event 17. */
  | { readonly type: 'tcp_accepted' }
  /** Event 18; null: the neighbour has closed it. */
  | { readonly type: 'tcp_failed'; readonly reason: string | null }
  /** Event 19, and 22 when `negotiate` refuses it. */
  | { readonly type: 'open_received'; readonly open: Open }
  /** Events 21, 22 and 28. */
  | { readonly type: 'bad_message'; readonly error: MessageError }
  /** Event 23. */
  | { readonly type: 'collision_lost'; readonly isTold: boolean }
  /** Events 24 and 25. */
  | { readonly type: 'notification_received'; readonly notification: Notification }
  /** Event 26. */
  | { readonly type: 'keepalive_received' }
  /** Event 27. */
  | { readonly type: 'update_received'; readonly update: ReceivedUpdate }
  /** RFC 2918. */
  | { readonly type: 'refresh_received'; readonly refresh: RouteRefresh }
  /** RFC 5882 section 4.2. */
  | { readonly type: 'bfd_down' }
  /** RFC 4486: the neighbour has sent more than we want. */
  | { readonly type: 'prefixes_exceeded' }
  /** `settings` are the new ones already; nothing that needs a new session. */
  | { readonly type: 'reconfigured' };

export type BgpTransition = { readonly state: BgpState; readonly effects: readonly BgpEffect[] };

type EventType = BgpEvent['type'];
type EventOf<T extends EventType> = Extract<BgpEvent, { readonly type: T }>;
type Rule<E> = (settings: BgpSettings, event: E) => BgpTransition;
type Row = { readonly [T in EventType]: Rule<EventOf<T>> | 'ignore' };

/** RFC 4271 section 8.2.2: "a large value". */
const openHoldMs = 240_000;
const sendHoldMsMin = 480_000;
const idleHoldMsMax = 120_000;
const noOctets = new Uint8Array(0);

const table: { readonly [S in BgpState]: Row } = {
  idle: {
    started: begin,
    stopped: () => ({ state: 'idle', effects: stopTimers }),
    idle_hold_timer_expired: begin,
    connect_retry_timer_expired: 'ignore',
    hold_timer_expired: 'ignore',
    keepalive_timer_expired: 'ignore',
    send_hold_timer_expired: 'ignore',
    tcp_opened: () => ({ state: 'idle', effects: [{ type: 'disconnect' }] }),
    tcp_accepted: () => ({ state: 'idle', effects: [{ type: 'disconnect' }] }),
    tcp_failed: 'ignore',
    open_received: 'ignore',
    bad_message: 'ignore',
    collision_lost: 'ignore',
    notification_received: 'ignore',
    keepalive_received: 'ignore',
    update_received: 'ignore',
    refresh_received: 'ignore',
    bfd_down: 'ignore',
    prefixes_exceeded: 'ignore',
    reconfigured: 'ignore',
  },
  connect: {
    started: 'ignore',
    stopped: stopQuietly,
    idle_hold_timer_expired: 'ignore',
    connect_retry_timer_expired: connectAnew,
    hold_timer_expired: impossible,
    keepalive_timer_expired: impossible,
    send_hold_timer_expired: impossible,
    tcp_opened: openSession,
    tcp_accepted: openSession,
    tcp_failed: waitForRetry,
    open_received: impossible,
    bad_message: impossible,
    collision_lost: stopQuietly,
    notification_received: impossible,
    keepalive_received: impossible,
    update_received: impossible,
    refresh_received: impossible,
    bfd_down: 'ignore',
    prefixes_exceeded: 'ignore',
    reconfigured: 'ignore',
  },
  active: {
    started: 'ignore',
    stopped: stopQuietly,
    idle_hold_timer_expired: 'ignore',
    connect_retry_timer_expired: connectAnew,
    hold_timer_expired: impossible,
    keepalive_timer_expired: impossible,
    send_hold_timer_expired: impossible,
    tcp_opened: openSession,
    tcp_accepted: openSession,
    tcp_failed: waitForRetry,
    open_received: impossible,
    bad_message: impossible,
    collision_lost: stopQuietly,
    notification_received: impossible,
    keepalive_received: impossible,
    update_received: impossible,
    refresh_received: impossible,
    bfd_down: 'ignore',
    prefixes_exceeded: 'ignore',
    reconfigured: 'ignore',
  },
  open_sent: {
    started: 'ignore',
    stopped: stopSession,
    idle_hold_timer_expired: 'ignore',
    connect_retry_timer_expired: outOfOrder(1),
    hold_timer_expired: missKeepalive,
    keepalive_timer_expired: outOfOrder(1),
    send_hold_timer_expired: missWindow,
    tcp_opened: 'ignore',
    tcp_accepted: 'ignore',
    tcp_failed: loseOpenSent,
    open_received: answerOpen,
    bad_message: refuseMessage,
    collision_lost: yieldToOther,
    notification_received: hearNotification,
    keepalive_received: outOfOrder(1),
    update_received: outOfOrder(1),
    refresh_received: outOfOrder(1),
    bfd_down: failByBfd,
    prefixes_exceeded: 'ignore',
    reconfigured: 'ignore',
  },
  open_confirm: {
    started: 'ignore',
    stopped: stopSession,
    idle_hold_timer_expired: 'ignore',
    connect_retry_timer_expired: outOfOrder(2),
    hold_timer_expired: missKeepalive,
    keepalive_timer_expired: (settings) => keepAlive('open_confirm', settings),
    send_hold_timer_expired: missWindow,
    tcp_opened: 'ignore',
    tcp_accepted: 'ignore',
    tcp_failed: loseConnection,
    open_received: outOfOrder(2),
    bad_message: refuseMessage,
    collision_lost: yieldToOther,
    notification_received: hearNotification,
    keepalive_received: establish,
    update_received: outOfOrder(2),
    refresh_received: outOfOrder(2),
    bfd_down: failByBfd,
    prefixes_exceeded: 'ignore',
    reconfigured: 'ignore',
  },
  established: {
    started: 'ignore',
    stopped: stopSession,
    idle_hold_timer_expired: 'ignore',
    connect_retry_timer_expired: outOfOrder(3),
    hold_timer_expired: missKeepalive,
    keepalive_timer_expired: (settings) => keepAlive('established', settings),
    send_hold_timer_expired: missWindow,
    tcp_opened: 'ignore',
    tcp_accepted: 'ignore',
    tcp_failed: loseConnection,
    open_received: outOfOrder(3),
    bad_message: refuseMessage,
    collision_lost: yieldToOther,
    notification_received: hearNotification,
    keepalive_received: hearNeighbor,
    update_received: hearNeighbor,
    refresh_received: answerRefresh,
    bfd_down: failByBfd,
    prefixes_exceeded: refusePrefixes,
    reconfigured: () => ({ state: 'established', effects: [{ type: 'plan_routes' }] }),
  },
};

/** A change of state is always reported, as the last effect. */
export function step(state: BgpState, settings: BgpSettings, event: BgpEvent): BgpTransition {
  // The row's rule takes exactly this event's type, which the compiler cannot follow through an
  // index.
  const rule = table[state][event.type] as Rule<BgpEvent> | 'ignore';
  if (rule === 'ignore') return { state, effects: [] };
  const next = rule(settings, event);
  if (next.state === state) return next;
  return { ...next, effects: [...next.effects, { type: 'report', state: next.state }] };
}

function begin({ neighbor }: BgpSettings): BgpTransition {
  const stopped = stopTimer('idle_hold');
  if (neighbor.isPassive) return { state: 'active', effects: [stopped] };
  return { state: 'connect', effects: [stopped, { type: 'connect' }, retry(neighbor)] };
}

function retry({ connectRetryMs }: BgpSettings['neighbor']): BgpEffect {
  return setTimer('connect_retry', connectRetryMs, true);
}

function connectAnew({ neighbor }: BgpSettings): BgpTransition {
  const effects: BgpEffect[] = [{ type: 'disconnect' }, { type: 'connect' }, retry(neighbor)];
  return { state: 'connect', effects };
}

/**
 * The RFC goes to Idle here, where the neighbour would be refused; we wait where it can connect.
 */
function waitForRetry({ neighbor }: BgpSettings, { reason }: EventOf<'tcp_failed'>): BgpTransition {
  const waiting = neighbor.isPassive ? stopTimer('connect_retry') : retry(neighbor);
  return { state: 'active', effects: [waiting, failed(null, 'none', tcpReason(reason))] };
}

function tcpReason(reason: string | null): string {
  return reason ?? 'the neighbour has closed the connection';
}

function openSession(settings: BgpSettings): BgpTransition {
  return {
    state: 'open_sent',
    effects: [
      stopTimer('connect_retry'),
      { type: 'send_open', open: ourOpen(settings) },
      setTimer('hold', openHoldMs),
    ],
  };
}

function answerOpen(settings: BgpSettings, { open }: EventOf<'open_received'>): BgpTransition {
  const agreed = negotiate(settings, open);
  if (agreed.isErr()) return refuseMessage(settings, { type: 'bad_message', error: agreed.error });
  const { holdMs, keepaliveMs } = agreed.value;
  return {
    state: 'open_confirm',
    effects: [
      { type: 'negotiate', negotiated: agreed.value },
      { type: 'send_keepalive' },
      ...timersOf(holdMs, keepaliveMs),
    ],
  };
}

function timersOf(holdMs: number, keepaliveMs: number): readonly BgpEffect[] {
  if (holdMs === 0) return [stopTimer('hold'), stopTimer('keepalive')];
  return [setTimer('hold', holdMs), setTimer('keepalive', keepaliveMs, true)];
}

function keepAlive(state: BgpState, { negotiated }: BgpSettings): BgpTransition {
  const keepaliveMs = negotiated?.keepaliveMs ?? 0;
  if (keepaliveMs === 0) return { state, effects: [] };
  return {
    state,
    effects: [{ type: 'send_keepalive' }, setTimer('keepalive', keepaliveMs, true)],
  };
}

function establish(settings: BgpSettings): BgpTransition {
  const holdMs = settings.negotiated?.holdMs ?? 0;
  return {
    state: 'established',
    effects: [
      ...hold(settings),
      setTimer('send_hold', Math.max(sendHoldMsMin, 2 * holdMs)),
      {
        type: 'remember',
        memory: { failures: 0, offersCapabilities: true, isRestarting: false },
      },
      { type: 'begin_routes' },
    ],
  };
}

function hold({ negotiated }: BgpSettings): readonly BgpEffect[] {
  const holdMs = negotiated?.holdMs ?? 0;
  return holdMs === 0 ? [] : [setTimer('hold', holdMs)];
}

function hearNeighbor(settings: BgpSettings): BgpTransition {
  return { state: 'established', effects: hold(settings) };
}

/** What a neighbour that sends us its own refresh begins and ends, we have not kept. */
function answerRefresh(
  { negotiated }: BgpSettings,
  { refresh }: EventOf<'refresh_received'>,
): BgpTransition {
  const { family, phase } = refresh;
  const terms = negotiated?.terms;
  const isAgreed = terms?.hasRouteRefresh === true && phase === 'request';
  if (!isAgreed || family === null || !terms.families.includes(family)) {
    return { state: 'established', effects: [] };
  }
  return { state: 'established', effects: [{ type: 'resend_routes', family }] };
}

/** Also of the loser of a collision: the neighbour is spoken to over the other connection. */
function stopQuietly(): BgpTransition {
  return { state: 'idle', effects: [{ type: 'disconnect' }, ...stopTimers] };
}

function yieldToOther(
  _settings: BgpSettings,
  { isTold }: EventOf<'collision_lost'>,
): BgpTransition {
  if (!isTold) return stopQuietly();
  const notification = cease(7);
  return { state: 'idle', effects: [{ type: 'send_notification', notification }, ...stopTimers] };
}

function stopSession(settings: BgpSettings, { notification }: EventOf<'stopped'>): BgpTransition {
  const last = hardened(settings, notification);
  return {
    state: 'idle',
    effects: [
      { type: 'send_notification', notification: last },
      ...stopTimers,
      failed(last, 'us', null),
    ],
  };
}

/** RFC 8538: else a neighbour that helps over restarts would keep what we leave. */
function hardened({ negotiated, neighbor }: BgpSettings, reason: Notification): Notification {
  const isAgreed =
    neighbor.gracefulRestartS !== null && negotiated?.gracefulRestart?.hasNotification === true;
  return isAgreed ? hardResetNotification(reason) : reason;
}

function impossible(settings: BgpSettings): BgpTransition {
  const reason = 'something came over a connection that is not there';
  return {
    state: 'idle',
    effects: [{ type: 'disconnect' }, ...backOff(settings), failed(null, 'none', reason)],
  };
}

/** RFC 6608: the subcode names the state. */
function outOfOrder(subcode: 1 | 2 | 3): Rule<BgpEvent> {
  return (settings, event) =>
    refuse(settings, notificationOf(5, subcode), `${event.type.replaceAll('_', ' ')} out of order`);
}

function missKeepalive(settings: BgpSettings): BgpTransition {
  return refuse(settings, notificationOf(4, 0), 'nothing was heard for the hold time');
}

function missWindow(settings: BgpSettings): BgpTransition {
  return refuse(settings, notificationOf(8, 0), 'the neighbour takes nothing any more');
}

function refuseMessage(settings: BgpSettings, { error }: EventOf<'bad_message'>): BgpTransition {
  const { code, subcode, data, reason } = error;
  return refuse(settings, { type: 'notification', code, subcode, data }, reason);
}

/** RFC 9384. */
function failByBfd(settings: BgpSettings): BgpTransition {
  return refuse(settings, cease(10), null);
}

/** Comes back after a long time alone: it would send as much again. */
function refusePrefixes(settings: BgpSettings): BgpTransition {
  const reason = `more than ${settings.neighbor.prefixesMax} prefixes were received`;
  const { state, effects } = refuse(settings, hardened(settings, cease(1)), reason);
  return { state, effects: [...effects, setTimer('idle_hold', idleHoldMsMax)] };
}

function refuse(
  settings: BgpSettings,
  notification: Notification,
  reason: string | null,
): BgpTransition {
  return {
    state: 'idle',
    effects: [
      { type: 'send_notification', notification },
      ...backOff(settings),
      failed(notification, 'us', reason),
    ],
  };
}

/** Listens on as well, as section 8.2.2 has it for OpenSent. */
function loseOpenSent({ neighbor }: BgpSettings, { reason }: EventOf<'tcp_failed'>): BgpTransition {
  const waiting = neighbor.isPassive ? [] : [retry(neighbor)];
  return {
    state: 'active',
    effects: [
      { type: 'disconnect' },
      ...stopTimers,
      ...waiting,
      failed(null, 'none', tcpReason(reason)),
    ],
  };
}

function loseConnection(settings: BgpSettings, { reason }: EventOf<'tcp_failed'>): BgpTransition {
  return {
    state: 'idle',
    effects: [
      { type: 'disconnect' },
      ...backOff(settings),
      failed(null, 'none', tcpReason(reason)),
    ],
  };
}

function hearNotification(
  settings: BgpSettings,
  { notification }: EventOf<'notification_received'>,
): BgpTransition {
  const failure = failed(notification, 'neighbor', null);
  if (!isAboutCapabilities(settings, notification)) {
    const effects: BgpEffect[] = [{ type: 'disconnect' }, ...backOff(settings), failure];
    return { state: 'idle', effects };
  }
  // RFC 5492 section 3: at once, without any.
  return {
    state: 'idle',
    effects: [
      { type: 'disconnect' },
      ...stopTimers,
      { type: 'remember', memory: { offersCapabilities: false } },
      setTimer('idle_hold', 0),
      failure,
    ],
  };
}

/** IPv4 alone can be spoken without capabilities. */
function isAboutCapabilities(
  { memory, neighbor }: BgpSettings,
  { code, subcode }: Notification,
): boolean {
  return (
    code === 2 && subcode === 4 && memory.offersCapabilities && neighbor.families.includes('ipv4')
  );
}

/** DampPeerOscillations of section 8.1: each failure in a row doubles the wait. */
function backOff({ neighbor, memory }: BgpSettings): readonly BgpEffect[] {
  const { failures } = memory;
  const delayMs = Math.min(neighbor.connectRetryMs * 2 ** Math.min(failures, 20), idleHoldMsMax);
  return [
    ...stopTimers,
    { type: 'remember', memory: { failures: failures + 1, offersCapabilities: true } },
    setTimer('idle_hold', delayMs, true),
  ];
}

function failed(
  notification: Notification | null,
  by: BgpFailure['by'],
  reason: string | null,
): BgpEffect {
  return { type: 'fail', failure: { by, notification, reason } };
}

/** RFC 4486. */
export function cease(subcode: number): Notification {
  return notificationOf(6, subcode);
}

function notificationOf(code: number, subcode: number): Notification {
  return { type: 'notification', code, subcode, data: noOctets };
}
