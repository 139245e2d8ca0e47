// What one neighbour is told of one route, and why it is not told.
import t from 'tap';
import type { BgpNeighbor } from '../../../src/config/bgp.js';
import { ipAddress } from '../../../src/net/address.js';
import { formatPrefix } from '../../../src/net/prefix.js';
import type { AnnouncedRoute } from '../../../src/routing/announced-route.js';
import { AllowList } from '../../../src/routing/bgp/allow-list.js';
import type { SentAttributes } from '../../../src/routing/bgp/message/message.js';
import {
  describeRefusal,
  type RibTerms,
  RouteExport,
} from '../../../src/routing/bgp/route-export.js';
import { fullTerms } from './message/messages.js';
import { allowHosts, plainAttributes, prefixOf, ribTerms, route } from './neighbor.js';

function sent(terms: RibTerms, wanted: AnnouncedRoute): SentAttributes {
  return new RouteExport(terms).of(wanted)._unsafeUnwrap().form.attributes;
}

function refused(terms: RibTerms, wanted: AnnouncedRoute): string {
  return describeRefusal(new RouteExport(terms).of(wanted)._unsafeUnwrapErr());
}

const hop = (text: string | null) => (text === null ? null : ipAddress(text));
const nextHop = (ipv4: string | null, ipv6: string | null = null) => ({
  nextHop: { ipv4: hop(ipv4), ipv6: hop(ipv6) },
});
const vip = route('203.0.113.10/32');
const sixthVip = route('2001:db8:f::10/128');
const internal: Partial<BgpNeighbor> = { isInternal: true, remoteAs: 65_001 };

t.test('another AS', (t) => {
  t.strictSame(sent(ribTerms(), vip), {
    nextHop: '192.0.2.1',
    linkLocalNextHop: null,
    asPath: [65_001],
    med: null,
    localPreference: null,
    communities: [],
    extendedCommunities: [],
    largeCommunities: [],
  });
  const attributes = { prepends: 2, med: 0, localPreference: 500 };
  t.match(sent(ribTerms(), route('203.0.113.10/32', attributes)), {
    asPath: [65_001, 65_001, 65_001],
    med: 0,
    localPreference: null,
  });
  t.end();
});

t.test('our own AS', (t) => {
  t.match(sent(ribTerms(internal), vip), { asPath: [], localPreference: 100 });
  const preferred = { localPreference: 0, prepends: 3 };
  const told = sent(ribTerms(internal), route('203.0.113.10/32', preferred));
  t.match(told, { localPreference: 0 });
  t.strictSame(told.asPath, [], 'would be a loop');
  t.end();
});

t.test('the route comes before the neighbor', (t) => {
  const attributes = { ...plainAttributes, med: 7, communities: ['65001:1'], localPreference: 5 };
  const terms = ribTerms({ ...internal, attributes });
  t.match(sent(terms, vip), { med: 7, communities: [0xfde9_0001], localPreference: 5 });
  const own = route('203.0.113.10/32', { med: null, communities: [] });
  t.match(sent(terms, own), { med: null, localPreference: 5 });
  t.strictSame(sent(terms, own).communities, []);
  t.end();
});

t.test('graceful shutdown (RFC 8326)', (t) => {
  const leaving = route('203.0.113.10/32', { communities: ['no-export'] }, true);
  t.match(sent(ribTerms(), leaving), { localPreference: null });
  t.strictSame(sent(ribTerms(), leaving).communities, [0xffff_0000, 0xffff_ff01]);
  t.equal(sent(ribTerms(internal), leaving).localPreference, 0);
  const told = sent(ribTerms(), route('203.0.113.10/32', { communities: ['65535:0'] }, true));
  t.strictSame(told.communities, [0xffff_0000], 'once');
  t.end();
});

t.test('kinds of communities', (t) => {
  const all = route('203.0.113.10/32', {
    communities: ['1:1'],
    extendedCommunities: ['rt:1:1'],
    largeCommunities: ['1:1:1'],
  });
  const kinds = ['standard', 'extended', 'large'] as const;
  for (const kind of kinds) {
    const told = sent(ribTerms({ sendsCommunities: [kind] }), all);
    const counts = [told.communities, told.extendedCommunities, told.largeCommunities];
    t.strictSame(
      counts.map((one) => one.length),
      kinds.map((one) => (one === kind ? 1 : 0)),
      kind,
    );
  }
  t.end();
});

t.test('next hops', (t) => {
  const six = { ourAddress: ipAddress('2001:db8::1'), ourLinkLocal: ipAddress('fe80::1') };
  const overSix = ribTerms({ address: ipAddress('2001:db8::fe') }, six);
  t.match(sent(overSix, sixthVip), { nextHop: '2001:db8::1', linkLocalNextHop: 'fe80::1' });
  const farAway = { ...overSix, ourLinkLocal: null };
  t.match(sent(farAway, sixthVip), { nextHop: '2001:db8::1', linkLocalNextHop: null });
  const third = route('2001:db8:f::10/128', nextHop(null, '2001:db8::77'));
  t.match(sent(overSix, third), { nextHop: '2001:db8::77', linkLocalNextHop: null });
  t.match(refused(overSix, vip), /no ipv4 next hop; set next_hop/);
  t.match(refused(ribTerms(), sixthVip), /no ipv6 next hop/);
  const both = { ...plainAttributes, ...nextHop('192.0.2.7', '2001:db8::7') };
  t.match(sent({ ...overSix, neighbor: { ...overSix.neighbor, attributes: both } }, vip), {
    nextHop: '192.0.2.7',
  });
  const own = sent(ribTerms({ attributes: both }), {
    ...vip,
    attributes: nextHop('192.0.2.9'),
  });
  t.equal(own.nextHop, '192.0.2.9');
  t.match(
    refused(ribTerms(), route('203.0.113.10/32', nextHop('192.0.2.254'))),
    /192\.0\.2\.254 is the neighbor itself/,
  );
  t.end();
});

t.test('IPv4 with IPv6 next hops (RFC 8950)', (t) => {
  const session = { ...fullTerms, hasExtendedNextHop: true };
  const address = ipAddress('2001:db8::fe');
  const six = { ourAddress: ipAddress('2001:db8::1'), ourLinkLocal: ipAddress('fe80::1'), session };
  const terms = ribTerms({ address }, six);
  t.match(sent(terms, vip), { nextHop: '2001:db8::1', linkLocalNextHop: 'fe80::1' });
  const told = route('203.0.113.10/32', nextHop('192.0.2.5'));
  t.match(sent(terms, told), { nextHop: '192.0.2.5', linkLocalNextHop: null }, 'its own first');
  const four = ribTerms({}, { session });
  t.match(sent(four, vip), { nextHop: '192.0.2.1' });
  const unnumbered = ribTerms(
    { address: ipAddress('fe80::fe') },
    { ourAddress: ipAddress('fe80::1'), ourLinkLocal: ipAddress('fe80::1'), session },
  );
  t.match(sent(unnumbered, vip), { nextHop: 'fe80::1', linkLocalNextHop: 'fe80::1' });
  t.end();
});

t.test('what is never announced', (t) => {
  const everything = allowHosts('0.0.0.0/0', '::/0');
  t.match(refused(ribTerms({ allowed: everything }), route('0.0.0.0/0')), /a default route never/);
  t.match(refused(ribTerms({ allowed: everything }), route('::/0')), /^::\/0 is not announced/);
  t.match(refused(ribTerms({ allowed: [] }), vip), /no allow list/);
  t.match(refused(ribTerms(), route('198.51.100.1/32')), /no allow list/);
  t.match(refused(ribTerms({ families: ['ipv4'] }), sixthVip), /has no address_family ipv6/);
  const session = { ...fullTerms, families: ['ipv6' as const] };
  t.match(refused(ribTerms({}, { session }), vip), /does not take ipv4/);
  t.match(
    refused(ribTerms(), route('203.0.113.10/32', { extendedCommunities: ['rt:70000:70000'] })),
    /rt:70000:70000/,
  );
  const many = Array.from({ length: 1100 }, (_, index) => `1:${index}`);
  const tooLong = route('203.0.113.10/32', { communities: many });
  t.match(refused(ribTerms(), tooLong), /do not fit in a message of 4096 octets/);
  const large = { ...fullTerms, messageOctetsMax: 65_535 };
  t.equal(sent(ribTerms({}, { session: large }), tooLong).communities.length, 1100);
  t.end();
});

t.test('allow lists', (t) => {
  const list = new AllowList([
    { prefix: prefixOf('203.0.113.64/26'), lengthMin: 26, lengthMax: 32 },
    { prefix: prefixOf('10.0.0.0/8'), lengthMin: 16, lengthMax: 24 },
    { prefix: prefixOf('2001:db8::/33'), lengthMin: 128, lengthMax: 128 },
    { prefix: prefixOf('0.0.0.0/0'), lengthMin: 0, lengthMax: 8 },
  ]);
  const cases: readonly (readonly [string, boolean])[] = [
    ['203.0.113.64/32', true],
    ['203.0.113.127/32', true],
    ['203.0.113.128/32', false],
    ['203.0.113.63/32', false],
    ['203.0.113.64/26', true],
    ['203.0.113.0/25', false],
    ['10.1.0.0/16', true],
    ['10.1.2.3/32', false],
    ['10.0.0.0/8', true],
    ['0.0.0.0/0', false],
    ['11.0.0.0/8', true],
    ['2001:db8:7fff::1/128', true],
    ['2001:db8:8000::1/128', false],
    ['2001:db8::/33', false],
    ['::/0', false],
  ];
  for (const [text, isAllowed] of cases) t.equal(list.allows(prefixOf(text)), isAllowed, text);
  t.end();
});

t.test('host bits are not announced', (t) => {
  const exported = new RouteExport(ribTerms()).of(route('203.0.113.77/26'))._unsafeUnwrap();
  t.equal(formatPrefix(exported.prefix), '203.0.113.64/26');
  t.end();
});
