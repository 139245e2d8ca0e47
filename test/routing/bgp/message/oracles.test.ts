// What tshark and ExaBGP read in the messages that we send: all that we said, and nothing to
// complain of. Nothing is sent anywhere: tshark reads a file, ExaBGP its arguments.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { RouteAttributes } from '../../../../src/config/bgp.js';
import { ipAddress } from '../../../../src/net/address.js';
import { formatPrefix } from '../../../../src/net/prefix.js';
import { encodeKeepalive } from '../../../../src/routing/bgp/message/header.js';
import type { Capability, SentUpdate } from '../../../../src/routing/bgp/message/message.js';
import {
  encodeNotification,
  hardResetNotification,
  shutdownNotification,
} from '../../../../src/routing/bgp/message/notification.js';
import { encodeOpen } from '../../../../src/routing/bgp/message/open.js';
import { encodeRouteRefresh } from '../../../../src/routing/bgp/message/route-refresh.js';
import type { SessionTerms } from '../../../../src/routing/bgp/message/session-terms.js';
import { encodeUpdate } from '../../../../src/routing/bgp/message/update.js';
import { AdjRibOut } from '../../../../src/routing/bgp/rib.js';
import type { RibTerms } from '../../../../src/routing/bgp/route-export.js';
import { allowHosts, plainAttributes, ribTerms, route } from '../neighbor.js';
import { fullTerms, oldTerms } from './messages.js';
import { capture } from './pcap.js';

const colored: Partial<RouteAttributes> = {
  communities: ['no-export', 'blackhole', '65001:100'],
  largeCommunities: ['65001:1:2', '4200000001:0:4294967295'],
  extendedCommunities: ['rt:65001:5', 'soo:65001:6', 'bandwidth:65001:1250000', 'rt:4200000001:7'],
  med: 50,
  prepends: 2,
};
const sixNextHop = { ipv4: null, ipv6: ipAddress('2001:db8::1') };
const attributes = { ...plainAttributes, nextHop: sixNextHop };
const overSix = { ourAddress: ipAddress('2001:db8::1'), ourLinkLocal: ipAddress('fe80::1') };
const extendedTerms: SessionTerms = { ...fullTerms, hasExtendedNextHop: true };
const hosts = Array.from({ length: 2000 }, (_, index) =>
  route(index % 2 === 0 ? `10.1.${index >> 8}.${index & 255}/32` : `2001:db8:f::${index}/128`),
);
const few = [
  route('203.0.113.10/32'),
  route('203.0.113.128/25', colored),
  route('203.0.113.11/32', colored, true),
  route('2001:db8:f::10/128'),
  route('2001:db8:f:8000::/49', colored),
  route('2001:db8:f::11/128', colored, true),
];

/** Everything is announced, then withdrawn. */
function updatesOf(terms: RibTerms, routes = few): SentUpdate[] {
  const rib = new AdjRibOut(terms);
  const ends = terms.session.families.map((family) => ({ type: 'end_of_rib', family }) as const);
  return [...rib.plan(routes), ...ends, ...rib.plan([])];
}

const inside = { isInternal: true, remoteAs: 65_001, attributes };
const speakers: readonly RibTerms[] = [
  ribTerms({ attributes }),
  ribTerms({ attributes }, { localAs: 4_200_000_001 }),
  ribTerms(inside),
  ribTerms({ address: ipAddress('2001:db8::fe') }, { ...overSix, session: extendedTerms }),
  ribTerms(
    { address: ipAddress('fe80::fe') },
    {
      ourAddress: ipAddress('fe80::1'),
      ourLinkLocal: ipAddress('fe80::1'),
      session: extendedTerms,
    },
  ),
];
const allowed = allowHosts('10.0.0.0/8', '2001:db8:f::/48');
const many = ribTerms({ attributes, allowed, prefixesOutMax: 5000 });
const old = ribTerms({ families: ['ipv4'] }, { localAs: 4_200_000_001, session: oldTerms });

function messagesOf(terms: RibTerms, routes = few): Uint8Array[] {
  return updatesOf(terms, routes).flatMap((update) => [...encodeUpdate(update, terms.session)]);
}

const allCapabilities: readonly Capability[] = [
  { type: 'multiprotocol', family: 'ipv4' },
  { type: 'multiprotocol', family: 'ipv6' },
  { type: 'route_refresh' },
  { type: 'enhanced_route_refresh' },
  { type: 'extended_message' },
  { type: 'extended_next_hop' },
  {
    type: 'graceful_restart',
    isRestarting: true,
    hasNotification: true,
    restartS: 120,
    families: [{ family: 'ipv4', isForwarding: true }],
  },
  { type: 'four_octet_as', as: 4_200_000_001 },
  { type: 'fqdn', host: 'lb1', domain: 'example.net' },
];
const identity = { as: 23_456, holdS: 9, identifier: ipAddress('10.0.0.1') };
const others: readonly Uint8Array[] = [
  encodeOpen({ ...identity, capabilities: allCapabilities }),
  encodeOpen({ ...identity, as: 65_001, capabilities: [] }),
  encodeKeepalive(),
  ...(['request', 'begin', 'end'] as const).flatMap((phase) =>
    (['ipv4', 'ipv6'] as const).map((family) => encodeRouteRefresh({ family, phase })),
  ),
  encodeNotification(shutdownNotification(2, 'maintenance until 06:00 – für alle')),
  encodeNotification(shutdownNotification(4, '€'.repeat(200))),
  encodeNotification(hardResetNotification(shutdownNotification(2, 'moved'))),
  ...[3, 5, 6, 7, 8, 10].map((subcode) =>
    encodeNotification({ code: 6, subcode, data: new Uint8Array(0) }),
  ),
];

const isInstalled = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

function tshark(file: string, ...args: string[]): string[] {
  const output = execFileSync('tshark', ['-r', file, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output.split('\n').filter((line) => line !== '');
}

const tsharkSkip = isInstalled('tshark') ? {} : { skip: 'tshark is not installed' };
t.test('tshark', tsharkSkip, (t) => {
  const streams = [
    ...speakers.map((terms) => messagesOf(terms)),
    messagesOf(many, hosts),
    messagesOf(old),
    [...others],
  ];
  const directory = t.testdir({});
  for (const [index, messages] of streams.entries()) {
    const file = join(directory, `${index}.pcap`);
    writeFileSync(file, capture(messages));
    t.strictSame(tshark(file, '-Y', '_ws.malformed or _ws.expert'), [], `${index}: no complaint`);
    const types = tshark(file, '-Y', 'bgp', '-T', 'fields', '-e', 'bgp.type');
    const codes = messages.map((message) => String(message[18]));
    t.strictSame(
      types.flatMap((line) => line.split(',')),
      codes,
      `${index}: ${codes.length}`,
    );
  }
  const file = join(directory, '5.pcap');
  const detail = tshark(file, '-Y', 'bgp', '-V').filter((line) =>
    /^ +2001:db8:f::|^ +10\.1\./.test(line),
  );
  // Each is announced once and withdrawn once.
  t.equal(detail.length, 2 * hosts.length);
  t.end();
});

type Decoded = {
  readonly message: {
    readonly update?: {
      readonly attribute?: Readonly<Record<string, unknown>>;
      readonly announce?: Readonly<Record<string, Record<string, { nlri: string }[]>>>;
      readonly withdraw?: Readonly<Record<string, { nlri: string }[]>>;
    };
    readonly eor?: { readonly afi: string; readonly safi: string };
  };
};

/** Of UPDATEs that a speaker of AS 65000 gets from one of AS 65001, in their order. */
function exabgp(directory: string, messages: readonly Uint8Array[]): Decoded[] {
  const file = join(directory, 'exabgp.conf');
  writeFileSync(file, exabgpConfiguration);
  const hex = messages.flatMap((message) => ['--decode', Buffer.from(message).toString('hex')]);
  const output = execFileSync('exabgp', [...hex, file], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], 'exabgp.daemon.user': 'root' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return output.split('\n').flatMap((line) => {
    const json = /update json (\{.*\})/.exec(line)?.[1];
    return json === undefined
      ? []
      : [(JSON.parse(json) as { readonly neighbor: Decoded }).neighbor];
  });
}

const exabgpConfiguration = `neighbor 192.0.2.1 {
  router-id 192.0.2.254; local-address 192.0.2.254; local-as 65000; peer-as 65001;
  capability { asn4 enable; nexthop enable; }
  nexthop { ipv4 unicast ipv6; }
  family { ipv4 unicast; ipv6 unicast; }
}
`;

const exabgpSkip = isInstalled('exabgp') ? {} : { skip: 'ExaBGP is not installed' };
/** What ExaBGP should say of it. */
function expected(update: SentUpdate): Decoded['message'] {
  const family = `${update.family} unicast`;
  if (update.type === 'end_of_rib') return { eor: { afi: update.family, safi: 'unicast' } };
  const prefixes = update.prefixes.map((prefix) => ({ nlri: formatPrefix(prefix) }));
  if (update.type === 'withdraw') return { update: { withdraw: { [family]: prefixes } } };
  const { attributes: sent } = update;
  const number = (octets: Uint8Array) => Number(Buffer.from(octets).readBigUInt64BE());
  const attribute: Record<string, unknown> = { origin: 'igp' };
  const add = (name: string, values: readonly unknown[]) => {
    if (values.length > 0) attribute[name] = values;
  };
  add('as-path', sent.asPath);
  if (sent.med !== null) attribute['med'] = sent.med;
  if (sent.localPreference !== null) attribute['local-preference'] = sent.localPreference;
  add(
    'community',
    sent.communities.map((one) => [Math.floor(one / 0x1_0000), one % 0x1_0000]),
  );
  const extended = sent.extendedCommunities.map(number);
  add(
    'extended-community',
    extended.sort((left, right) => left - right),
  );
  add('large-community', sent.largeCommunities);
  const hops = { [sent.nextHop]: prefixes };
  if (sent.linkLocalNextHop !== null) hops[sent.linkLocalNextHop] = prefixes;
  return { update: { attribute, announce: { [family]: hops } } };
}

/** Extended communities by value alone: ExaBGP has its own words for them, and its own order. */
function normalized({ message }: Decoded): Decoded['message'] {
  const attribute = message.update?.attribute;
  if (message.update === undefined || attribute === undefined) return message;
  const {
    'extended-community': extended,
    'confederation-path': confederation = [],
    ...rest
  } = attribute;
  t.strictSame(confederation, [], 'never of a confederation');
  if (extended === undefined) return { update: { ...message.update, attribute: rest } };
  const values = (extended as { readonly value: number }[]).map(({ value }) => value);
  const sorted = values.sort((left, right) => left - right);
  const whole = { ...rest, 'extended-community': sorted };
  return { update: { ...message.update, attribute: whole } };
}

t.test('ExaBGP', exabgpSkip, (t) => {
  const directory = t.testdir({});
  for (const [index, speaker] of speakers.entries()) {
    const updates = updatesOf(speaker);
    const messages = updates.flatMap((update) => [...encodeUpdate(update, speaker.session)]);
    t.equal(messages.length, updates.length);
    const decoded = exabgp(directory, messages).map(normalized);
    t.strictSame(decoded, updates.map(expected), `speaker ${index}`);
  }
  t.end();
});
