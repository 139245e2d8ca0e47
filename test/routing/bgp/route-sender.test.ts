import t from 'tap';
import { formatPrefix } from '../../../src/net/prefix.js';
import type { AnnouncedRoute } from '../../../src/routing/announced-route.js';
import { negotiate } from '../../../src/routing/bgp/negotiation.js';
import { type RouteConnection, RouteSender } from '../../../src/routing/bgp/route-sender.js';
import { SimulatedClock } from '../../sim/clock.js';
import { neighbor, open, ourAddress, prefix, route, settings } from './session-settings.js';

type Bench = {
  readonly clock: SimulatedClock;
  readonly sender: RouteSender;
  readonly connection: RouteConnection & { unsent: number };
  /** "+2", "-1", "end ipv4", "begin". */
  readonly sent: string[];
  readonly refused: string[];
  want(routes: readonly AnnouncedRoute[] | null): void;
};

function bench(): Bench {
  const clock = new SimulatedClock();
  const sent: string[] = [];
  const refused: string[] = [];
  let wanted: readonly AnnouncedRoute[] | null = null;
  const connection = {
    unsent: 0,
    negotiated: negotiate(settings(), open())._unsafeUnwrap(),
    localAddress: ourAddress,
    update: (update: Parameters<RouteConnection['update']>[0]) => {
      if (update.type === 'end_of_rib') sent.push(`end ${update.family}`);
      else sent.push(`${update.type === 'announce' ? '+' : '-'}${update.prefixes.length}`);
    },
    markRefresh: (_family: string, phase: string) => sent.push(phase),
    unsentOctets: () => connection.unsent,
  };
  const sender = new RouteSender({
    clock,
    neighbor: () => neighbor(),
    localAs: () => 65001,
    linkLocalBeside: () => null,
    wanted: () => wanted,
    refused: (sentence) => refused.push(sentence),
  });
  const want = (routes: readonly AnnouncedRoute[] | null): void => {
    wanted = routes;
    sender.changed();
  };
  return { clock, sender, connection, sent, refused, want };
}

function many(count: number): AnnouncedRoute[] {
  return Array.from({ length: count }, (_, index) =>
    route(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}/32`),
  );
}

t.test('few routes leave in the call, withdrawals first, the end of the first set once', (t) => {
  const { sender, connection, sent, want } = bench();
  want(many(2));
  sender.begin(connection);
  t.same(sent.splice(0), ['+2', 'end ipv4']);
  want([route('10.0.0.1/32'), route('10.5.0.0/32')]);
  t.same(sent.splice(0), ['-1', '+1']);
  want([route('10.5.0.0/32'), route('10.0.0.1/32')]);
  t.same(sent.splice(0), []);
  t.ok(sender.isQuiet);
  t.end();
});

t.test('the first set may be empty, but must be known', (t) => {
  const { sender, connection, sent, want } = bench();
  sender.begin(connection);
  t.same(sent, []);
  want([]);
  t.same(sent, ['end ipv4']);
  t.end();
});

t.test('many routes are looked at in slices, and changes meanwhile are made up for', (t) => {
  const { clock, sender, connection, sent, want } = bench();
  want(many(10_000));
  sender.begin(connection);
  t.same(sent, [], 'the call has not even begun to send');
  clock.runNext(0);
  want(many(9_000));
  clock.advance(1000);
  t.equal(sender.sentCount, 9_000);
  t.equal(sent.at(-1), 'end ipv4');
  t.equal(sent.filter((one) => one.startsWith('end')).length, 1);
  t.ok(sent.length < 40, 'packed');
  t.end();
});

t.test('a neighbour that takes nothing is told no more, and then what is true', (t) => {
  const { clock, sender, connection, sent, want } = bench();
  want([]);
  sender.begin(connection);
  sent.splice(0);
  connection.unsent = 300_000;
  want(many(3));
  want(many(1));
  clock.advance(10_000);
  t.same(sent, []);
  t.notOk(sender.isQuiet);
  connection.unsent = 10;
  clock.advance(100);
  t.same(sent, ['+1']);
  t.notOk(sender.isQuiet, 'it has not arrived');
  connection.unsent = 0;
  t.ok(sender.isQuiet);
  t.end();
});

t.test('withdrawing wins over whatever is wanted then', (t) => {
  const { clock, sender, connection, sent, want } = bench();
  want(many(10_000));
  sender.begin(connection);
  clock.advance(1000);
  sent.splice(0);
  sender.withdrawAll();
  want(many(5));
  clock.advance(1000);
  t.equal(sender.sentCount, 0);
  t.ok(sent.every((one) => one.startsWith('-')));
  t.end();
});

t.test('a session that ends is forgotten, and the next one begins anew', (t) => {
  const { clock, sender, connection, sent, want } = bench();
  want(many(2));
  sender.begin(connection);
  sender.resend('ipv4');
  sender.end();
  sent.splice(0);
  want(many(3));
  clock.advance(100);
  t.same(sent, []);
  t.equal(sender.sentCount, 0);
  sender.begin(connection);
  t.same(sent, ['+3', 'end ipv4']);
  t.end();
});

t.test('routes that are refused are named once, few at a time', (t) => {
  const { sender, connection, refused, want } = bench();
  want(many(1));
  sender.begin(connection);
  const foreign = [1, 2, 3, 4, 5, 6, 7].map((last) => route(`172.16.0.${last}/32`));
  want([route('0.0.0.0/0'), ...foreign]);
  t.equal(refused.length, 6);
  t.match(refused[0], /0.0.0.0\/0 is not announced: a default route never is/);
  t.equal(refused.at(-1), '3 more routes are not announced');
  want([...foreign]);
  t.equal(refused.length, 6, 'nothing new');
  const key = formatPrefix(prefix('172.16.0.1/32'));
  t.match(sender.factOf(prefix('172.16.0.1/32'), key), { refusal: /no allow list/ });
  t.equal(sender.refusedCount, 7);
  t.end();
});
