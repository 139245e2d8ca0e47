// What is sent so that a neighbour knows what is wanted: nothing twice, nothing that is not allowed.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ipAddress } from '../../../src/net/address.js';
import { formatPrefix } from '../../../src/net/prefix.js';
import type { AnnouncedRoute } from '../../../src/routing/announced-route.js';
import type { SentAttributes, SentUpdate } from '../../../src/routing/bgp/message/message.js';
import { encodeUpdate } from '../../../src/routing/bgp/message/update.js';
import { AdjRibOut } from '../../../src/routing/bgp/rib.js';
import { describeRefusal } from '../../../src/routing/bgp/route-export.js';
import { fullTerms, readAll } from './message/messages.js';
import { allowHosts, plainAttributes, ribTerms, route, router } from './neighbor.js';

/** What a neighbour holds after these updates; it complains of what says nothing new. */
class Peer {
  readonly known = new Map<string, SentAttributes>();

  hear(updates: readonly (SentUpdate | null)[]): this {
    for (const update of updates) {
      if (update === null || update.type === 'end_of_rib') continue;
      assert.ok(update.prefixes.length > 0);
      for (const prefix of update.prefixes) {
        const name = formatPrefix(prefix);
        if (update.type === 'announce') {
          assert.notDeepEqual(this.known.get(name), update.attributes, `${name} again`);
          this.known.set(name, update.attributes);
        } else {
          assert.ok(this.known.delete(name), `${name} was withdrawn and not known`);
        }
      }
    }
    return this;
  }
}

const six = { ipv4: null, ipv6: ipAddress('2001:db8::1') };
const hosts = (count: number): AnnouncedRoute[] =>
  Array.from({ length: count }, (_, index) => route(`203.0.113.${index}/32`));

t.test('equal attributes go together, withdrawals first, and nothing twice', (t) => {
  const rib = new AdjRibOut(ribTerms({ attributes: { ...plainAttributes, nextHop: six } }));
  const wanted = [...hosts(3), route('2001:db8:f::1/128'), route('203.0.113.9/32', { med: 5 })];
  const first = rib.plan(wanted);
  t.match(first, [
    { type: 'announce', family: 'ipv4', prefixes: [{}, {}, {}] },
    { type: 'announce', family: 'ipv6', attributes: { nextHop: '2001:db8::1' } },
    { type: 'announce', family: 'ipv4', attributes: { med: 5 } },
  ]);
  t.equal(rib.sent.size, 5);
  t.strictSame(rib.plan([...wanted].reverse()), [], 'in another order');
  const fewer = [route('203.0.113.1/32', { med: 6 }), route('203.0.113.9/32', { med: 5 })];
  t.match(rib.plan(fewer), [
    { type: 'withdraw', family: 'ipv4', prefixes: [{}, {}] },
    { type: 'withdraw', family: 'ipv6', prefixes: [{}] },
    { type: 'announce', family: 'ipv4', attributes: { med: 6 }, prefixes: [{}] },
  ]);
  t.match(rib.plan([]), [{ type: 'withdraw', prefixes: [{}, {}] }]);
  t.strictSame(rib.plan([]), []);
  t.end();
});

t.test('a reload that changes nothing for the neighbor sends nothing', (t) => {
  const attributes = { ...plainAttributes, communities: ['no-export', '65001:1'] };
  const rib = new AdjRibOut(ribTerms({ attributes }));
  t.equal(rib.plan(hosts(20)).length, 1);
  rib.reconfigure({
    ...router,
    attributes: { ...attributes, communities: ['65001:1', 'no-export'] },
  });
  t.strictSame(rib.plan(hosts(20)), []);
  rib.reconfigure({ ...router, attributes: { ...attributes, communities: ['no-export'] } });
  t.match(rib.plan(hosts(20)), [{ type: 'announce', attributes: { communities: [0xffff_ff01] } }]);
  rib.reconfigure({ ...router, attributes, allowed: allowHosts('203.0.113.0/30') });
  t.match(rib.plan(hosts(20)), [{ type: 'withdraw' }, { type: 'announce' }]);
  t.strictSame(
    [...rib.sent.keys()].sort(),
    [0, 1, 2, 3].map((last) => `203.0.113.${last}/32`),
  );
  t.equal(rib.refused.length, 16);
  t.end();
});

t.test('no more than maximum_prefix_out; what is announced keeps its place', (t) => {
  const rib = new AdjRibOut(ribTerms({ prefixesOutMax: 3 }));
  rib.plan(hosts(6).slice(3));
  t.strictSame(rib.plan(hosts(6)), []);
  t.strictSame(
    rib.refused.map(describeRefusal).sort(),
    [0, 1, 2].map((last) => `203.0.113.${last}/32 is not announced: maximum_prefix_out is 3`),
  );
  t.match(rib.plan(hosts(5)), [
    { type: 'withdraw', prefixes: [{ address: '203.0.113.5' }] },
    { type: 'announce', prefixes: [{ address: '203.0.113.0' }] },
  ]);
  rib.reconfigure({ ...router, prefixesOutMax: 1 });
  t.match(rib.plan(hosts(5)), [{ type: 'withdraw', prefixes: [{}, {}] }]);
  t.equal(rib.sent.size, 1);
  t.end();
});

t.test('a prefix that is wanted twice', (t) => {
  const rib = new AdjRibOut(ribTerms());
  const twice = [route('203.0.113.0/25', { med: 1 }), route('203.0.113.9/25', { med: 2 })];
  t.match(rib.plan(twice), [{ attributes: { med: 1 }, prefixes: [{ length: 25 }] }]);
  t.match(rib.refused.map(describeRefusal), [/203\.0\.113\.0\/25 .* wanted twice/]);
  t.end();
});

t.test('everything of a family again', (t) => {
  const rib = new AdjRibOut(ribTerms({ attributes: { ...plainAttributes, nextHop: six } }));
  rib.plan([...hosts(3), route('2001:db8:f::1/128')]);
  const again = [...rib.resending('ipv4')].filter((update) => update !== null);
  t.match(again, [{ type: 'announce', family: 'ipv4', prefixes: [{}, {}, {}] }]);
  t.equal(again.length, 1);
  t.strictSame([...rib.resending('ipv6')].length, 1);
  t.equal(rib.sent.size, 4);
  const steps = rib.resending('ipv4');
  rib.plan([]);
  t.strictSame([...steps], [], 'what was withdrawn meanwhile is not sent');
  t.end();
});

const networks = ['203.0.113', '198.51.100', '2001:db8:f:'];
const wantedRoutes = fc.array(
  fc
    .tuple(
      fc.constantFrom(...networks),
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(0, 8, 31, 32),
      fc.constantFrom({}, { med: 1 }, { communities: ['1:1'] }, { prepends: 2, med: null }),
      fc.boolean(),
    )
    .map(([network, last, bits, attributes, isShuttingDown]) => {
      const isSix = network.includes(':');
      const address = isSix ? `${network}:${last}` : `${network}.${last}`;
      return route(`${address}/${isSix ? bits * 4 : bits}`, attributes, isShuttingDown);
    }),
  { maxLength: 25 },
);

t.test('the neighbor knows what is wanted and allowed, wherever steps are left', (t) => {
  const turns = fc.array(fc.tuple(wantedRoutes, fc.nat(6), fc.boolean()), { maxLength: 8 });
  const neighbor = { attributes: { ...plainAttributes, nextHop: six }, prefixesOutMax: 12 };
  fc.assert(
    fc.property(turns, wantedRoutes, (changes, last) => {
      const rib = new AdjRibOut(ribTerms(neighbor));
      const peer = new Peer();
      for (const [wanted, steps, isWhole] of changes) {
        const planning = rib.planning(wanted);
        for (let count = 0; count < steps || isWhole; count++) {
          const step = planning.next();
          if (step.done === true) break;
          peer.hear([step.value]);
        }
        assert.ok(peer.known.size <= 12);
      }
      peer.hear(rib.plan(last));
      const fresh = new AdjRibOut(ribTerms(neighbor));
      fresh.plan(last);
      const known = [...peer.known.keys()].sort();
      assert.deepEqual(known, [...rib.sent.keys()].sort());
      // Where the maximum chooses, history may choose others, but as many.
      assert.equal(known.length, fresh.sent.size);
      for (const [name, attributes] of peer.known) {
        assert.match(name, /^(203\.0\.113\.\d+\/(31|32)|2001:db8:f::?\d*\/(124|128))$/);
        assert.deepEqual(rib.sent.get(name)?.form.attributes, attributes);
        const same = fresh.sent.get(name)?.form.attributes ?? attributes;
        assert.deepEqual(attributes, same);
      }
      assert.deepEqual(rib.plan(last), []);
    }),
    { numRuns: 500, seed: 1 },
  );
  t.end();
});

t.test('ten thousand prefixes', (t) => {
  const allowed = allowHosts('10.0.0.0/8', '2001:db8::/32');
  const attributes = { ...plainAttributes, nextHop: six };
  const many = Array.from({ length: 10_000 }, (_, index) => {
    const low = `${index >> 8}.${index & 255}`;
    const group = index.toString(16);
    return route(index % 2 === 0 ? `10.1.${low}/32` : `2001:db8::${group}/128`, {
      communities: ['no-export'],
    });
  });
  const rib = new AdjRibOut(ribTerms({ allowed, attributes, prefixesOutMax: 10_000 }));
  const updates = rib.plan(many);
  t.equal(rib.refused.length, 0);
  const messages = updates.flatMap((update) => [...encodeUpdate(update, fullTerms)]);
  t.equal(messages.length, updates.length, 'each update is one message');
  // 4096 octets, less 56 and 5 for each IPv4 prefix; less 84 and 17 for each IPv6 one.
  t.equal(messages.length, Math.ceil(5000 / 807) + Math.ceil(5000 / 236));
  const counts = readAll(messages, fullTerms).map((message) => message._unsafeUnwrap());
  const announced = counts.map((one) => (one.type === 'update' ? one.announced : 0));
  t.equal(
    announced.reduce((sum, one) => sum + one, 0),
    10_000,
  );
  t.ok(messages.every((message) => message.length <= 4096));
  t.strictSame(rib.plan(many), []);
  const gone = rib.plan([]).flatMap((update) => [...encodeUpdate(update, fullTerms)]);
  t.equal(gone.length, Math.ceil(5000 / 814) + Math.ceil(5000 / 239));
  t.end();
});
