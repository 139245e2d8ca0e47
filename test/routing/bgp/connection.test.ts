// Timers and bytes of one connection, where the machine alone does not show them.
import { err, ok } from 'neverthrow';
import t from 'tap';
import type { TcpSession, TcpSessionEvents } from '../../../src/ports/tcp-sessions.js';
import { BgpConnection } from '../../../src/routing/bgp/connection.js';
import { copyBgpCounters, zeroBgpCounters } from '../../../src/routing/bgp/counters.js';
import type { BgpFailure } from '../../../src/routing/bgp/effect.js';
import { encodeKeepalive } from '../../../src/routing/bgp/message/header.js';
import { encodeOpen } from '../../../src/routing/bgp/message/open.js';
import { describeFailure } from '../../../src/routing/bgp/peer-fact.js';
import { SimulatedClock } from '../../sim/clock.js';
import { open, ourAddress, settings, theirAddress } from './session-settings.js';

/** A TCP session by hand: how much the neighbour has taken is the test's to say. */
function bench() {
  const clock = new SimulatedClock();
  const counters = zeroBgpCounters();
  const failures: BgpFailure[] = [];
  const sent: number[] = [];
  const hand = { unsent: 0, isClosed: false, takes: true, isRefused: false, attempts: 0 };
  let events: TcpSessionEvents | null = null;
  const session: TcpSession = {
    localAddress: ourAddress,
    remoteAddress: theirAddress,
    send: (bytes) => {
      sent.push(bytes[18] ?? 0);
      if (!hand.takes) hand.unsent += bytes.length;
    },
    unsentBytes: () => hand.unsent,
    close: () => {
      hand.isClosed = true;
    },
  };
  const connection = new BgpConnection({
    owner: {
      settings: () => settings(),
      remember: () => undefined,
      mayOpen: () => true,
      heardUpdate: () => undefined,
      beginRoutes: () => undefined,
      resendRoutes: () => undefined,
      planRoutes: () => undefined,
      failed: (_connection, failure) => failures.push(failure),
      changed: () => undefined,
    },
    clock,
    random: () => 0.5,
    tcp: {
      connect: (_target, given) => {
        events = given;
        hand.attempts += 1;
        const error = { type: 'tcp.failed', action: 'sign', reason: 'ENOPROTOOPT' } as const;
        return hand.isRefused ? err(error) : ok(session);
      },
      listen: () => ok({ refusals: [], allow: () => undefined, close: () => undefined }),
    },
    counters,
  });
  const start = (): void => connection.happen({ type: 'started' });
  const hear = (bytes: Uint8Array): void => events?.received(bytes);
  const establish = (): void => {
    start();
    events?.opened();
    hear(encodeOpen(open()));
    hear(encodeKeepalive());
  };
  return { clock, connection, counters, failures, sent, hand, hear, start, establish };
}

t.test('keepalives leave on time, with jitter, and the hold time runs from what is heard', (t) => {
  const { clock, connection, sent, hear, establish, failures } = bench();
  establish();
  t.equal(connection.state, 'established');
  t.same(sent.splice(0), [1, 4]);
  clock.advance(2624);
  t.same(sent, []);
  clock.advance(1);
  t.same(sent, [4], '3 s, less an eighth');
  hear(encodeKeepalive());
  clock.advance(8999);
  t.equal(connection.state, 'established');
  clock.advance(1);
  t.equal(connection.state, 'idle');
  t.match(describeFailure(failures[0] as BgpFailure), /sent Hold Timer Expired \(4\/0\)/);
  t.end();
});

t.test('a neighbour that hears nothing any more is left (RFC 9687)', (t) => {
  const { clock, connection, hand, hear, establish, sent, failures } = bench();
  establish();
  for (let second = 0; second < 400; second += 1) {
    clock.advance(1000);
    hear(encodeKeepalive());
  }
  hand.takes = false;
  for (let second = 0; second < 470; second += 1) {
    clock.advance(1000);
    hear(encodeKeepalive());
  }
  t.equal(connection.state, 'established', 'eight minutes are not over');
  for (let second = 0; second < 20; second += 1) {
    clock.advance(1000);
    hear(encodeKeepalive());
  }
  t.equal(connection.state, 'idle');
  t.equal(sent.at(-1), 3);
  t.ok(hand.isClosed);
  t.match(describeFailure(failures[0] as BgpFailure), /Send Hold Timer Expired/);
  t.end();
});

t.test('a neighbour that takes little is not left', (t) => {
  const { clock, connection, hand, hear, establish } = bench();
  establish();
  hand.takes = false;
  for (let second = 0; second < 2000; second += 1) {
    clock.advance(1000);
    hear(encodeKeepalive());
    if (second % 300 === 299) hand.unsent -= 10;
  }
  t.equal(connection.state, 'established');
  t.end();
});

t.test('what comes behind the end of a session is nobody’s, and a flap is counted', (t) => {
  const { connection, counters, hear, establish, sent } = bench();
  establish();
  connection.happen({ type: 'bfd_down' });
  const { length } = sent;
  hear(encodeKeepalive());
  t.equal(sent.length, length);
  t.equal(counters.flaps, 1);
  t.equal(copyBgpCounters(counters).received.keepalive, 1);
  connection.retire();
  t.equal(connection.state, 'idle');
  t.end();
});

t.test('a text of the neighbour is shown, and does no harm', (t) => {
  const text = new TextEncoder().encode('bye\n\u001b[2J');
  const data = Uint8Array.of(text.length, ...text);
  const notification = { type: 'notification', code: 6, subcode: 2, data } as const;
  const said = describeFailure({ by: 'neighbor', notification, reason: null });
  t.match(said, /^down: received Cease\/Administrative Shutdown \(6\/2\): "bye/);
  t.ok([...said].every((one) => one >= ' '));
  t.equal(
    describeFailure({ by: 'none', notification: null, reason: 'ECONNREFUSED' }),
    'down: ECONNREFUSED',
  );
  t.end();
});

t.test('what the system refuses is no connection, and is tried again', (t) => {
  const { clock, connection, hand, start, failures } = bench();
  hand.isRefused = true;
  start();
  t.equal(connection.state, 'connect');
  clock.advance(0);
  t.equal(connection.state, 'active');
  t.equal(describeFailure(failures[0] as BgpFailure), 'down: cannot sign: ENOPROTOOPT');
  clock.advance(5000);
  t.equal(hand.attempts, 2);
  t.end();
});
