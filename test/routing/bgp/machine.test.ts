// Every pair of state and event, beside what RFC 4271 section 8.2.2 says of it.
import t from 'tap';
import type { BgpNeighbor } from '../../../src/config/bgp.js';
import type { BgpEffect, BgpSettings, BgpState } from '../../../src/routing/bgp/effect.js';
import { type BgpEvent, cease, step } from '../../../src/routing/bgp/machine.js';
import { negotiate } from '../../../src/routing/bgp/negotiation.js';
import { open, settings } from './session-settings.js';

const none = new Uint8Array(0);
const update = {
  type: 'update',
  announced: 1,
  withdrawn: 0,
  endOfRib: null,
  complaint: null,
} as const;
const error = {
  type: 'bgp.message',
  code: 1,
  subcode: 3,
  data: Uint8Array.of(9),
  reason: 'a message of type 9',
} as const;

const events: { readonly [T in BgpEvent['type']]: BgpEvent } = {
  started: { type: 'started' },
  stopped: { type: 'stopped', notification: cease(2) },
  idle_hold_timer_expired: { type: 'idle_hold_timer_expired' },
  connect_retry_timer_expired: { type: 'connect_retry_timer_expired' },
  hold_timer_expired: { type: 'hold_timer_expired' },
  keepalive_timer_expired: { type: 'keepalive_timer_expired' },
  send_hold_timer_expired: { type: 'send_hold_timer_expired' },
  tcp_opened: { type: 'tcp_opened' },
  tcp_accepted: { type: 'tcp_accepted' },
  tcp_failed: { type: 'tcp_failed', reason: 'refused' },
  open_received: { type: 'open_received', open: open() },
  bad_message: { type: 'bad_message', error },
  collision_lost: { type: 'collision_lost', isTold: true },
  notification_received: { type: 'notification_received', notification: cease(4) },
  keepalive_received: { type: 'keepalive_received' },
  update_received: { type: 'update_received', update },
  refresh_received: {
    type: 'refresh_received',
    refresh: { type: 'route_refresh', family: 'ipv4', phase: 'request' },
  },
  bfd_down: { type: 'bfd_down' },
  prefixes_exceeded: { type: 'prefixes_exceeded' },
  reconfigured: { type: 'reconfigured' },
};

/** All that is not a message, a timer of its own accord, or a report is left out. */
function wordsOf(effect: BgpEffect): string[] {
  switch (effect.type) {
    case 'send_open':
      return ['OPEN'];
    case 'send_keepalive':
      return ['KEEPALIVE'];
    case 'send_notification':
      return [`${effect.notification.code}/${effect.notification.subcode}`];
    case 'set_timer':
      return [`${effect.name} ${effect.delayMs / 1000}${effect.isJittered ? '~' : ''}`];
    case 'stop_timer':
    case 'remember':
    case 'negotiate':
    case 'report':
      return [];
    case 'resend_routes':
      return [`resend ${effect.family}`];
    case 'fail':
      return effect.failure.by === 'us' ? [] : [`failed by ${effect.failure.by}`];
    default:
      return [effect.type.replace('_', ' ')];
  }
}

function agreed(changes: Partial<BgpNeighbor> = {}): BgpSettings['negotiated'] {
  return negotiate(settings(changes), open())._unsafeUnwrap();
}

function take(
  state: BgpState,
  event: BgpEvent,
  changes: Partial<BgpNeighbor> = {},
  more: Partial<BgpSettings> = {},
): string {
  const isAgreed = state === 'open_confirm' || state === 'established';
  const negotiated = isAgreed ? agreed(changes) : null;
  const next = step(state, settings(changes, { negotiated, ...more }), event);
  return [next.state, ...next.effects.flatMap(wordsOf)].join(', ');
}

const same = 'same';
const fsm = (subcode: number): string => `idle, 5/${subcode}, idle_hold 5~`;
const dropped = 'idle, disconnect, idle_hold 5~, failed by none';
const connecting = 'connect, disconnect, connect, connect_retry 5~';
const opened = 'open_sent, OPEN, hold 240';
const waiting = 'active, connect_retry 5~, failed by none';

/** Rows in the order of section 8.1; 'same': the state stays and nothing is done. */
const expected: {
  readonly [T in BgpEvent['type']]: readonly [string, string, string, string, string, string];
} = {
  // idle, connect, active, open_sent, open_confirm, established
  started: ['connect, connect, connect_retry 5~', same, same, same, same, same],
  stopped: ['idle', 'idle, disconnect', 'idle, disconnect', 'idle, 6/2', 'idle, 6/2', 'idle, 6/2'],
  idle_hold_timer_expired: ['connect, connect, connect_retry 5~', same, same, same, same, same],
  connect_retry_timer_expired: [same, connecting, connecting, fsm(1), fsm(2), fsm(3)],
  hold_timer_expired: [
    same,
    dropped,
    dropped,
    'idle, 4/0, idle_hold 5~',
    'idle, 4/0, idle_hold 5~',
    'idle, 4/0, idle_hold 5~',
  ],
  keepalive_timer_expired: [
    same,
    dropped,
    dropped,
    fsm(1),
    'open_confirm, KEEPALIVE, keepalive 3~',
    'established, KEEPALIVE, keepalive 3~',
  ],
  send_hold_timer_expired: [
    same,
    dropped,
    dropped,
    'idle, 8/0, idle_hold 5~',
    'idle, 8/0, idle_hold 5~',
    'idle, 8/0, idle_hold 5~',
  ],
  tcp_opened: ['idle, disconnect', opened, opened, same, same, same],
  tcp_accepted: ['idle, disconnect', opened, opened, same, same, same],
  tcp_failed: [
    same,
    waiting,
    waiting,
    'active, disconnect, connect_retry 5~, failed by none',
    dropped,
    dropped,
  ],
  open_received: [
    same,
    dropped,
    dropped,
    'open_confirm, KEEPALIVE, hold 9, keepalive 3~',
    fsm(2),
    fsm(3),
  ],
  bad_message: [
    same,
    dropped,
    dropped,
    'idle, 1/3, idle_hold 5~',
    'idle, 1/3, idle_hold 5~',
    'idle, 1/3, idle_hold 5~',
  ],
  collision_lost: [
    same,
    'idle, disconnect',
    'idle, disconnect',
    'idle, 6/7',
    'idle, 6/7',
    'idle, 6/7',
  ],
  notification_received: [
    same,
    dropped,
    dropped,
    'idle, disconnect, idle_hold 5~, failed by neighbor',
    'idle, disconnect, idle_hold 5~, failed by neighbor',
    'idle, disconnect, idle_hold 5~, failed by neighbor',
  ],
  keepalive_received: [
    same,
    dropped,
    dropped,
    fsm(1),
    'established, hold 9, send_hold 480, begin routes',
    'established, hold 9',
  ],
  update_received: [same, dropped, dropped, fsm(1), fsm(2), 'established, hold 9'],
  refresh_received: [same, dropped, dropped, fsm(1), fsm(2), 'established, resend ipv4'],
  bfd_down: [
    same,
    same,
    same,
    'idle, 6/10, idle_hold 5~',
    'idle, 6/10, idle_hold 5~',
    'idle, 6/10, idle_hold 5~',
  ],
  prefixes_exceeded: [same, same, same, same, same, 'idle, 6/1, idle_hold 5~, idle_hold 120'],
  reconfigured: [same, same, same, same, same, 'established, plan routes'],
};

const states: readonly BgpState[] = [
  'idle',
  'connect',
  'active',
  'open_sent',
  'open_confirm',
  'established',
];

t.test('every event in every state', (t) => {
  for (const [type, row] of Object.entries(expected)) {
    for (const [index, state] of states.entries()) {
      const event = events[type as BgpEvent['type']];
      const wanted = row[index] === same ? state : row[index];
      t.equal(take(state, event), wanted, `${type} in ${state}`);
    }
  }
  t.end();
});

t.test('a change of state is reported last, and only a change', (t) => {
  for (const state of states) {
    for (const event of Object.values(events)) {
      const negotiated = agreed();
      const next = step(state, settings({}, { negotiated }), event);
      const reports = next.effects.filter(({ type }) => type === 'report');
      const isChanged = next.state !== state;
      t.equal(reports.length, isChanged ? 1 : 0, `${event.type} in ${state}`);
      if (isChanged) t.same(next.effects.at(-1), { type: 'report', state: next.state });
    }
  }
  t.end();
});

t.test('whoever leaves stops all timers', (t) => {
  for (const state of states.slice(1)) {
    for (const event of Object.values(events)) {
      const next = step(state, settings({}, { negotiated: agreed() }), event);
      if (next.state !== 'idle') continue;
      const stopped = next.effects.filter(({ type }) => type === 'stop_timer').length;
      t.equal(stopped, 5, `${event.type} in ${state}`);
      const set = next.effects.flatMap((one) => (one.type === 'set_timer' ? [one.name] : []));
      t.ok(
        set.every((name) => name === 'idle_hold'),
        'nothing but the wait runs in Idle',
      );
    }
  }
  t.end();
});

t.test('a passive neighbour is waited for', (t) => {
  t.equal(take('idle', events.started, { isPassive: true }), 'active');
  t.equal(take('open_sent', events.tcp_failed, { isPassive: true }).includes('retry'), false);
  t.end();
});

t.test('each failure in a row doubles the wait, up to two minutes', (t) => {
  const waits = [0, 1, 2, 3, 4, 5, 50].map((failures) => {
    const memory = { failures, offersCapabilities: true, isRestarting: false };
    return take('established', events.hold_timer_expired, {}, { memory }).split('idle_hold ')[1];
  });
  t.same(waits, ['5~', '10~', '20~', '40~', '80~', '120~', '120~']);
  const established = step('open_confirm', settings({}, { negotiated: agreed() }), {
    type: 'keepalive_received',
  });
  t.match(
    established.effects.find(({ type }) => type === 'remember'),
    { memory: { failures: 0, isRestarting: false } },
    'and is forgotten when it works',
  );
  t.end();
});

t.test('a neighbour that does not know capabilities is asked once without them', (t) => {
  const notification = { type: 'notification', code: 2, subcode: 4, data: none } as const;
  const event = { type: 'notification_received', notification } as const;
  t.equal(take('open_sent', event), 'idle, disconnect, idle_hold 0, failed by neighbor');
  const memory = { failures: 0, offersCapabilities: false, isRestarting: false };
  const again = take('open_sent', event, {}, { memory });
  t.equal(again, 'idle, disconnect, idle_hold 5~, failed by neighbor');
  const only6 = take('open_sent', event, { families: ['ipv6'] });
  t.equal(only6, 'idle, disconnect, idle_hold 5~, failed by neighbor', 'IPv6 needs them');
  t.end();
});

t.test('without a hold time nothing is sent and nothing expires', (t) => {
  const changes = { holdMs: 0, keepaliveMs: 0 };
  t.equal(take('open_sent', events.open_received, changes), 'open_confirm, KEEPALIVE');
  t.equal(
    take('open_confirm', events.keepalive_received, changes),
    'established, send_hold 480, begin routes',
  );
  t.equal(take('established', events.keepalive_timer_expired, changes), 'established');
  t.end();
});

t.test('where graceful restart is agreed a stop is a hard reset', (t) => {
  const theirs = open({
    capabilities: [
      ...open().capabilities,
      {
        type: 'graceful_restart',
        isRestarting: false,
        hasNotification: true,
        restartS: 20,
        families: [],
      },
    ],
  });
  const offered = settings({ gracefulRestartS: 20 });
  const negotiated = negotiate(offered, theirs)._unsafeUnwrap();
  const next = step('established', { ...offered, negotiated }, events.stopped);
  const sent = next.effects.find(({ type }) => type === 'send_notification');
  t.match(sent, { notification: { code: 6, subcode: 9, data: Uint8Array.of(6, 2) } });
  const plain = settings({ gracefulRestartS: null }, { negotiated });
  const unasked = step('established', plain, events.stopped).effects[0];
  t.match(unasked, { notification: { code: 6, subcode: 2 } });
  t.end();
});

t.test('only a request that was agreed is answered', (t) => {
  const refresh = (family: 'ipv4' | 'ipv6' | null, phase: 'request' | 'begin' | 'end') =>
    take('established', {
      type: 'refresh_received',
      refresh: { type: 'route_refresh', family, phase },
    });
  t.equal(refresh('ipv4', 'request'), 'established, resend ipv4');
  t.equal(refresh('ipv6', 'request'), 'established', 'a family that is not spoken');
  t.equal(refresh(null, 'request'), 'established');
  t.equal(refresh('ipv4', 'begin'), 'established');
  t.equal(refresh('ipv4', 'end'), 'established');
  t.end();
});
