// The state machine of a BFD session (RFC 5880 section 6.2 and 6.8.6). Pure: knows no clock, no
// socket, no timers; what packets say of time is timing.ts, and session.ts carries out effects.
import { type BfdState, type DiagnosticName, diagnosticOf } from './packet.js';

export type BfdEvent =
  /** A packet that passed every rule of 6.8.6, by the state that the neighbour is in. */
  | { readonly type: 'heard_admin_down' }
  | { readonly type: 'heard_down' }
  | { readonly type: 'heard_init' }
  | { readonly type: 'heard_up' }
  /** Nothing was heard for the detection time. */
  | { readonly type: 'detection_expired' }
  | { readonly type: 'enabled' }
  | { readonly type: 'disabled' };

export type BfdEffect =
  | { readonly type: 'set_diagnostic'; readonly diagnostic: number }
  /** bfd.RemoteDiscr and what is known of the neighbour's timers start anew. */
  | { readonly type: 'forget_neighbor' }
  /** Our timers are others in this state: 6.8.3 tells the neighbour by a Poll Sequence. */
  | { readonly type: 'begin_poll' }
  | { readonly type: 'end_poll' }
  /** Before the periodic one, so that the neighbour need not wait for it. */
  | { readonly type: 'send' }
  | { readonly type: 'report'; readonly reason: string };

export type Transition = { readonly state: BfdState; readonly effects: readonly BfdEffect[] };
type Rule = Transition | 'ignore';
type Table = { readonly [S in BfdState]: { readonly [E in BfdEvent['type']]: Rule } };

export const detectionExpired = 'no packet for the detection time';
export const signaledDown = 'the neighbour says that it is down';
/** RFC 5882 section 3.2: no failure of the path, the other side was told to stop. */
export const signaledAdminDown = 'the neighbour is administratively down';

const none = { type: 'set_diagnostic', diagnostic: 0 } as const;
const forget = { type: 'forget_neighbor' } as const;
const beginPoll = { type: 'begin_poll' } as const;
const endPoll = { type: 'end_poll' } as const;

const table: Table = {
  AdminDown: {
    heard_admin_down: 'ignore',
    heard_down: 'ignore',
    heard_init: 'ignore',
    heard_up: 'ignore',
    detection_expired: 'ignore',
    enabled: enter('Down', 'it starts', [none, forget]),
    disabled: 'ignore',
  },
  Down: {
    heard_admin_down: 'ignore',
    heard_down: enter('Init', 'the neighbour answers', []),
    heard_init: enter('Up', 'the neighbour hears us', [none, beginPoll]),
    heard_up: 'ignore',
    // A neighbour that was Down or AdminDown is silent now: it may come back as another one.
    detection_expired: { state: 'Down', effects: [forget] },
    enabled: 'ignore',
    disabled: disable(),
  },
  Init: {
    heard_admin_down: fail('Neighbor Signaled Session Down', signaledAdminDown),
    heard_down: 'ignore',
    heard_init: enter('Up', 'the neighbour hears us', [none, beginPoll]),
    heard_up: enter('Up', 'the neighbour hears us', [none, beginPoll]),
    detection_expired: fail('Control Detection Time Expired', detectionExpired, [forget]),
    enabled: 'ignore',
    disabled: disable(),
  },
  Up: {
    heard_admin_down: fail('Neighbor Signaled Session Down', signaledAdminDown),
    heard_down: fail('Neighbor Signaled Session Down', signaledDown),
    heard_init: 'ignore',
    heard_up: 'ignore',
    detection_expired: fail('Control Detection Time Expired', detectionExpired, [forget]),
    enabled: 'ignore',
    disabled: disable(),
  },
};

export function step(state: BfdState, event: BfdEvent): Transition {
  const rule = table[state][event.type];
  return rule === 'ignore' ? { state, effects: [] } : rule;
}

export function heardEvent(remote: BfdState): BfdEvent {
  switch (remote) {
    case 'AdminDown':
      return { type: 'heard_admin_down' };
    case 'Down':
      return { type: 'heard_down' };
    case 'Init':
      return { type: 'heard_init' };
    case 'Up':
      return { type: 'heard_up' };
  }
}

function enter(state: BfdState, reason: string, before: readonly BfdEffect[]): Transition {
  return { state, effects: [...before, { type: 'send' }, { type: 'report', reason }] };
}

function fail(
  diagnostic: DiagnosticName,
  reason: string,
  more: readonly BfdEffect[] = [],
): Transition {
  const diagnosed = { type: 'set_diagnostic', diagnostic: diagnosticOf(diagnostic) } as const;
  return enter('Down', reason, [diagnosed, endPoll, ...more]);
}

function disable(): Transition {
  const diagnostic = diagnosticOf('Administratively Down');
  return enter('AdminDown', 'it was stopped', [{ type: 'set_diagnostic', diagnostic }, endPoll]);
}
