// What must be refused in an OPEN (RFC 4271 section 6.2, 5492, 6793, 7607, 9072), and what a round
// trip keeps.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ipAddress } from '../../../../src/net/address.js';
import { decodeCapability } from '../../../../src/routing/bgp/message/capability.js';
import type { Capability, Open } from '../../../../src/routing/bgp/message/message.js';
import {
  asOf,
  badIdentifier,
  badPeerAs,
  decodeOpen,
  encodeOpen,
  twoOctetAs,
  unacceptableHoldTime,
  unsupportedCapability,
} from '../../../../src/routing/bgp/message/open.js';
import { goldenPacket } from '../../../golden/hex.js';
import { errorIn, fullTerms, raw } from './messages.js';

/** Version, AS 65001, hold time 9, 10.0.0.1. */
const fixed = [4, 0xfd, 0xe9, 0, 9, 10, 0, 0, 1];
const open = (...rest: number[]): Uint8Array => raw(1, Uint8Array.of(...fixed, ...rest));
const changed = (at: number, ...octets: number[]): Uint8Array => {
  const body = Uint8Array.of(...fixed, 0);
  body.set(octets, at);
  return raw(1, body);
};

t.test('errors', (t) => {
  const cases: readonly (readonly [string, Uint8Array, number])[] = [
    ['version 3', changed(0, 3), 1],
    ['AS 0', changed(1, 0, 0), 2],
    ['hold time 1', changed(3, 0, 1), 6],
    ['hold time 2', changed(3, 0, 2), 6],
    ['identifier 0.0.0.0', changed(5, 0, 0, 0, 0), 3],
    ['parameters that are not there', open(6), 0],
    ['octets behind the parameters', open(0, 1, 2), 0],
    ['a parameter that is longer than all', open(2, 2, 9), 0],
    ['half a parameter', open(1, 2), 0],
    ['authentication, which is no more', open(3, 1, 1, 0), 4],
    ['a parameter nobody knows', open(2, 99, 0), 4],
    ['a capability that is longer than its parameter', open(4, 2, 2, 65, 4), 0],
    ['half a capability', open(3, 2, 1, 2), 0],
    ['a family of three octets', open(7, 2, 5, 1, 3, 0, 1, 1), 0],
    ['an AS of two octets in four', open(6, 2, 4, 65, 2, 0xfd, 0xe9), 0],
    ['AS 0 in four octets', open(8, 2, 6, 65, 4, 0, 0, 0, 0), 2],
    ['two AS numbers', open(8, 2, 6, 65, 4, 0, 0, 0xfd, 0xe8), 2],
    ['route refresh with a value', open(5, 2, 3, 2, 1, 0), 0],
    ['graceful restart of one octet', open(5, 2, 3, 64, 1, 0), 0],
    ['half a family of graceful restart', open(8, 2, 6, 64, 4, 0, 120, 0, 1), 0],
    ['half a next hop', open(8, 2, 6, 5, 4, 0, 1, 0, 1), 0],
    ['long parameters without a length', open(255, 255, 0), 0],
    ['long parameters that are not there', open(255, 255, 0, 9), 0],
    ['a long parameter that is longer than all', open(255, 255, 0, 3, 2, 0, 9), 0],
  ];
  for (const [name, message, subcode] of cases) {
    const error = errorIn(message, fullTerms);
    t.match(error, { code: 2, subcode }, name);
  }
  t.strictSame(errorIn(changed(0, 3), fullTerms).data, Uint8Array.of(0, 4), 'the version we have');
  t.end();
});

t.test('errors that only the configuration can tell', (t) => {
  t.match(badPeerAs('AS 1, not 2'), { code: 2, subcode: 2, reason: 'AS 1, not 2' });
  t.match(badIdentifier('ours'), { code: 2, subcode: 3 });
  t.match(unacceptableHoldTime(3), { code: 2, subcode: 6, reason: /3 s/ });
  const missing = unsupportedCapability([{ type: 'multiprotocol', family: 'ipv6' }]);
  t.match(missing, { code: 2, subcode: 7, reason: /multiprotocol/ });
  t.strictSame(missing.data, Uint8Array.of(1, 4, 0, 2, 0, 1));
  t.end();
});

t.test('what must not be refused', (t) => {
  const capabilities = (...octets: number[]): readonly Capability[] => {
    const parameter = [octets.length + 2, 2, octets.length, ...octets];
    return decodeOpen(open(...parameter))._unsafeUnwrap().capabilities;
  };
  t.strictSame(capabilities(), []);
  t.match(capabilities(73, 1, 9), [{ type: 'unknown', code: 73 }], 'a name that is malformed');
  t.match(capabilities(1, 4, 0, 25, 0, 70), [{ type: 'unknown', code: 1 }], 'EVPN');
  t.match(capabilities(1, 4, 0, 1, 9, 1), [{ type: 'multiprotocol' }], 'a reserved octet');
  t.match(capabilities(5, 6, 0, 2, 0, 1, 0, 2), [{ type: 'unknown' }], 'next hops of IPv6');
  t.match(capabilities(2, 0, 2, 0), [{ type: 'route_refresh' }, { type: 'route_refresh' }]);
  const twice = capabilities(64, 10, 0x80, 120, 0, 1, 1, 0, 0, 1, 1, 0x80);
  t.match(twice, [{ isRestarting: true, families: [{ family: 'ipv4', isForwarding: true }] }]);
  t.match(capabilities(73, 6, 3, 27, 0x5b, 0x41, 1, 0xff), [
    { type: 'fqdn', host: '\u{fffd}[A', domain: '\u{fffd}' },
  ]);
  t.equal(decodeOpen(changed(3, 0, 0))._unsafeUnwrap().holdS, 0);
  t.equal(decodeCapability(65, new Uint8Array(3)), null);
  const short = Uint8Array.of(...fixed, 7, 255, 0, 5, 2, 0, 2, 2, 0);
  t.match(decodeOpen(raw(1, short))._unsafeUnwrap().capabilities, [{ type: 'route_refresh' }]);
  t.end();
});

t.test('every place where it is cut is an error or a shorter message', (t) => {
  for (const name of ['open-bird', 'open-frr', 'open-long-parameters']) {
    const packet = goldenPacket(`bgp/${name}`);
    for (let octets = 29; octets < packet.length; octets++) {
      const cut = raw(1, packet.subarray(19, octets));
      t.match(errorIn(cut, fullTerms), { code: 2, subcode: 0 }, `${name} cut to ${octets}`);
    }
  }
  t.end();
});

t.test('without capabilities there are no optional parameters', (t) => {
  const bare = { as: 65_001, holdS: 9, identifier: ipAddress('10.0.0.1'), capabilities: [] };
  t.strictSame(encodeOpen(bare), open(0));
  t.equal(asOf({ type: 'open', ...bare }), 65_001);
  t.strictSame([1, 65_535, 65_536].map(twoOctetAs), [1, 65_535, 23_456]);
  t.end();
});

const family = fc.constantFrom('ipv4' as const, 'ipv6' as const);
const capability: fc.Arbitrary<Capability> = fc.oneof(
  fc.record({ type: fc.constant('multiprotocol' as const), family }),
  fc
    .constantFrom(
      'route_refresh' as const,
      'enhanced_route_refresh' as const,
      'extended_message' as const,
      'extended_next_hop' as const,
    )
    .map((type) => ({ type })),
  fc.record({
    type: fc.constant('graceful_restart' as const),
    isRestarting: fc.boolean(),
    hasNotification: fc.boolean(),
    restartS: fc.integer({ min: 0, max: 4095 }),
    families: fc.uniqueArray(fc.record({ family, isForwarding: fc.boolean() }), {
      selector: (one) => one.family,
    }),
  }),
  fc.record({
    type: fc.constant('fqdn' as const),
    host: fc.stringMatching(/^[a-z0-9-]{1,63}$/),
    domain: fc.stringMatching(/^[a-z0-9.-]{0,64}$/),
  }),
  fc.record({
    type: fc.constant('unknown' as const),
    code: fc.integer({ min: 128, max: 255 }),
    value: fc.uint8Array({ maxLength: 255, size: 'max' }),
  }),
);

t.test('what is encoded is read again, also when lengths need two octets', (t) => {
  const opens = fc.record({
    type: fc.constant('open' as const),
    as: fc.integer({ min: 1, max: 65_535 }),
    holdS: fc.constantFrom(0, 3, 9, 65_535),
    identifier: fc.constantFrom(ipAddress('10.0.0.1'), ipAddress('255.255.255.255')),
    capabilities: fc.array(capability, { maxLength: 12 }),
  });
  let longOnes = 0;
  fc.assert(
    fc.property(opens, (wanted: Open) => {
      const message = encodeOpen(wanted);
      if (message.length > 29 + 255) longOnes += 1;
      // A clone has the prototypes that fast-check's records lack.
      assert.deepEqual(decodeOpen(message)._unsafeUnwrap(), structuredClone(wanted));
    }),
    { numRuns: 500, seed: 1 },
  );
  t.ok(longOnes > 20, 'long ones');
  t.end();
});

t.test('names are cut at a character', (t) => {
  const named: Capability = { type: 'fqdn', host: `${'a'.repeat(63)}ü`, domain: 'ü'.repeat(40) };
  const message = encodeOpen({
    as: 1,
    holdS: 9,
    identifier: ipAddress('10.0.0.1'),
    capabilities: [named],
  });
  const [read] = decodeOpen(message)._unsafeUnwrap().capabilities;
  t.strictSame(read, { type: 'fqdn', host: 'a'.repeat(63), domain: 'ü'.repeat(32) });
  t.end();
});
