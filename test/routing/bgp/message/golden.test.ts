// Bytes of other programs: what they mean to us, and where we say the same, that we say it so.
import t from 'tap';
import { ipAddress } from '../../../../src/net/address.js';
import { parsePrefix } from '../../../../src/net/prefix.js';
import { encodeKeepalive } from '../../../../src/routing/bgp/message/header.js';
import type {
  Capability,
  ReceivedMessage,
  SentAttributes,
  SentUpdate,
} from '../../../../src/routing/bgp/message/message.js';
import {
  encodeNotification,
  shutdownNotification,
  shutdownText,
} from '../../../../src/routing/bgp/message/notification.js';
import { asOf, encodeOpen } from '../../../../src/routing/bgp/message/open.js';
import { encodeRouteRefresh } from '../../../../src/routing/bgp/message/route-refresh.js';
import { encodeUpdate } from '../../../../src/routing/bgp/message/update.js';
import { goldenPacket } from '../../../golden/hex.js';
import { attributesIn, fullTerms, oldTerms, readAll } from './messages.js';

const golden = (name: string): Uint8Array => goldenPacket(`bgp/${name}`);
const prefix = (text: string) => parsePrefix(text)._unsafeUnwrap();

function decoded(name: string, terms = fullTerms): ReceivedMessage {
  const [message, ...more] = readAll([golden(name)], terms);
  if (message === undefined || more.length > 0) throw new Error(`assertion: ${name} is not one`);
  return message._unsafeUnwrap();
}

const families: readonly Capability[] = [
  { type: 'multiprotocol', family: 'ipv4' },
  { type: 'multiprotocol', family: 'ipv6' },
];
const none = new Uint8Array(0);

t.test('OPEN of BIRD, byte for byte', (t) => {
  const open = {
    as: 65_010,
    holdS: 9,
    identifier: ipAddress('10.98.1.2'),
    capabilities: [
      ...families,
      { type: 'route_refresh' },
      {
        type: 'graceful_restart',
        isRestarting: false,
        hasNotification: false,
        restartS: 120,
        families: [
          { family: 'ipv4', isForwarding: false },
          { family: 'ipv6', isForwarding: false },
        ],
      },
      { type: 'four_octet_as', as: 65_010 },
      { type: 'enhanced_route_refresh' },
      { type: 'unknown', code: 71, value: none },
    ],
  } as const;
  t.strictSame(decoded('open-bird'), { type: 'open', ...open });
  t.strictSame(encodeOpen(open), golden('open-bird'));
  t.end();
});

t.test('OPEN with a parameter for each capability', (t) => {
  const frr = decoded('open-frr');
  t.match(frr, { type: 'open', as: 65_000, holdS: 9, identifier: '10.98.0.1' });
  const capabilities = frr.type === 'open' ? frr.capabilities : [];
  t.strictSame(
    capabilities.map((one) => (one.type === 'unknown' ? one.code : one.type)),
    [
      ...['multiprotocol', 'multiprotocol', 128, 'route_refresh', 'enhanced_route_refresh'],
      ...['four_octet_as', 'extended_message', 69, 'fqdn', 'graceful_restart', 71],
    ],
  );
  t.strictSame(capabilities[8], { type: 'fqdn', host: 'vm', domain: '' });
  t.match(capabilities[9], { isRestarting: true, hasNotification: true, restartS: 120 });
  const scapy = decoded('open-scapy-as-trans');
  t.equal(scapy.type === 'open' && scapy.as, 23_456);
  t.equal(scapy.type === 'open' && asOf(scapy), 4_200_000_001);
  const exabgp = decoded('open-exabgp-next-hop');
  t.match(exabgp, {
    capabilities: [
      ...families,
      { type: 'four_octet_as', as: 65_001 },
      { type: 'extended_next_hop' },
      { type: 'extended_message' },
    ],
  });
  t.end();
});

t.test('OPEN with parameters of long lengths', (t) => {
  t.strictSame(decoded('open-long-parameters'), {
    type: 'open',
    as: 65_001,
    holdS: 9,
    identifier: '10.0.0.1',
    capabilities: [
      { type: 'multiprotocol', family: 'ipv4' },
      { type: 'route_refresh' },
      { type: 'four_octet_as', as: 65_001 },
    ],
  });
  t.end();
});

t.test('KEEPALIVE, NOTIFICATION and ROUTE-REFRESH', (t) => {
  t.strictSame(encodeKeepalive(), golden('keepalive'));
  t.strictSame(decoded('keepalive'), { type: 'keepalive' });
  const shutdown = shutdownNotification(2, 'planned work');
  t.strictSame(decoded('notification-shutdown'), shutdown);
  t.equal(shutdownText(shutdown), 'planned work');
  t.strictSame(encodeNotification(shutdown), golden('notification-shutdown'));
  const bfdDown = { type: 'notification', code: 6, subcode: 10, data: none } as const;
  t.strictSame(decoded('notification-bfd-down'), bfdDown);
  t.strictSame(encodeNotification(bfdDown), golden('notification-bfd-down'));
  const refreshes = [
    ['route-refresh-ipv4', { family: 'ipv4', phase: 'request' }],
    ['route-refresh-ipv6', { family: 'ipv6', phase: 'request' }],
    ['route-refresh-begin', { family: 'ipv4', phase: 'begin' }],
    ['route-refresh-end', { family: 'ipv6', phase: 'end' }],
  ] as const;
  for (const [name, refresh] of refreshes) {
    t.strictSame(decoded(name), { type: 'route_refresh', ...refresh }, name);
    t.strictSame(encodeRouteRefresh(refresh), golden(name), name);
  }
  t.end();
});

const plain: SentAttributes = {
  asPath: [],
  nextHop: ipAddress('192.0.2.1'),
  linkLocalNextHop: null,
  med: null,
  localPreference: null,
  communities: [],
  extendedCommunities: [],
  largeCommunities: [],
};

function announce(attributes: Partial<SentAttributes>, ...texts: string[]): SentUpdate {
  const prefixes = texts.map(prefix);
  const family = texts[0]?.includes(':') === true ? 'ipv6' : 'ipv4';
  return { type: 'announce', family, attributes: { ...plain, ...attributes }, prefixes };
}

const sixth = '2001:db8:f::10/128';
const exact: readonly (readonly [string, SentUpdate, { announced: number; withdrawn: number }])[] =
  [
    [
      'update-ipv4',
      announce(
        {
          asPath: [65_010, 65_010],
          nextHop: ipAddress('10.98.1.2'),
          med: 50,
          communities: [0xfdf2_0001, 0xffff_ff01],
          largeCommunities: [[65_010, 2, 3]],
        },
        '203.0.113.10/32',
      ),
      { announced: 1, withdrawn: 0 },
    ],
    [
      'update-ipv4-two',
      announce(
        { asPath: [4_200_000_001, 4_200_000_001], med: 50, communities: [0xffff_ff01] },
        '203.0.113.10/32',
        '198.51.100.0/25',
      ),
      { announced: 2, withdrawn: 0 },
    ],
    [
      'update-ipv6',
      announce(
        {
          nextHop: ipAddress('2001:db8::1'),
          linkLocalNextHop: ipAddress('fe80::1'),
          localPreference: 0,
        },
        sixth,
      ),
      { announced: 1, withdrawn: 0 },
    ],
    [
      'withdraw-ipv4',
      { type: 'withdraw', family: 'ipv4', prefixes: [prefix('203.0.113.10/32')] },
      { announced: 0, withdrawn: 1 },
    ],
    [
      'withdraw-ipv6',
      { type: 'withdraw', family: 'ipv6', prefixes: [prefix(sixth)] },
      { announced: 0, withdrawn: 1 },
    ],
    ['end-of-rib-ipv4', { type: 'end_of_rib', family: 'ipv4' }, { announced: 0, withdrawn: 0 }],
    ['end-of-rib-ipv6', { type: 'end_of_rib', family: 'ipv6' }, { announced: 0, withdrawn: 0 }],
  ];

t.test('UPDATE, byte for byte', (t) => {
  for (const [name, update, counts] of exact) {
    t.strictSame([...encodeUpdate(update, fullTerms)], [golden(name)], name);
    const endOfRib = update.type === 'end_of_rib' ? update.family : null;
    t.strictSame(decoded(name), { type: 'update', ...counts, endOfRib, complaint: null }, name);
  }
  t.match(decoded('update-ipv6-long'), { announced: 1, complaint: null });
  t.end();
});

t.test('attributes as ExaBGP writes them, in the order that RFC 7606 wants', (t) => {
  const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
  const communities = announce(
    {
      asPath: [65_001],
      med: 50,
      communities: [0xffff_ff01, 0xfde9_0064, 0xffff_0000],
      extendedCommunities: [
        octets('0002fde900000005'),
        octets('0003fde900000006'),
        octets('4004fde949989680'),
        octets('0202fa56ea010007'),
      ],
      largeCommunities: [
        [65_001, 1, 2],
        [4_200_000_001, 0, 4_294_967_295],
      ],
    },
    '203.0.113.10/32',
  );
  t.strictSame([...encodeUpdate(communities, fullTerms)], [golden('update-communities')]);
  const old = announce({ asPath: [4_200_000_001, 4_200_000_001] }, '203.0.113.11/32');
  const viaSix = { asPath: [65_001], nextHop: ipAddress('2001:db8::1') };
  const cases = [
    ['update-as4-path', old, oldTerms, [1, 2, 3, 17]],
    ['update-extended-next-hop', announce(viaSix, '203.0.113.12/32'), fullTerms, [14, 1, 2]],
  ] as const;
  for (const [name, update, terms, order] of cases) {
    const [message = none, ...more] = encodeUpdate(update, terms);
    t.equal(more.length, 0);
    const ours = attributesIn(message);
    t.strictSame([...ours.keys()], order, name);
    t.strictSame(new Map([...ours].sort()), new Map([...attributesIn(golden(name))].sort()), name);
    t.match(decoded(name, terms), { announced: 1, complaint: null }, name);
  }
  t.end();
});
