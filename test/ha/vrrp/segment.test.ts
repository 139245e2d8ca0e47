import t from 'tap';
import type { VrrpInstance } from '../../../src/config/vrrp.js';
import { verify } from '../../../src/ha/vrrp/authentication-header.js';
import {
  type Advertisement,
  encodeAdvertisement,
  fieldsOf,
  vrrpGroup,
} from '../../../src/ha/vrrp/packet.js';
import type { Received } from '../../../src/ha/vrrp/receipt.js';
import { Segment } from '../../../src/ha/vrrp/segment.js';
import { type VrrpCounters, zeroCounters } from '../../../src/ha/vrrp/statistics.js';
import { ipAddress } from '../../../src/net/address.js';
import { parsePrefix } from '../../../src/net/prefix.js';
import type { Datagram } from '../../../src/ports/packets.js';
import { SimulatedClock } from '../../sim/clock.js';
import { seededRandom } from '../../sim/random.js';
import { SimulatedWire, type WirePort } from '../../sim/wire.js';
import { settings, virtualAddress } from './instance.js';

const sourceAddress = ipAddress('10.0.0.2');
const peer = ipAddress('10.0.0.1');
const good: Advertisement = {
  version: 2,
  source: peer,
  virtualRouterId: 51,
  priority: 150,
  advertIntervalMs: 1000,
  authentication: { type: 'none' },
  addresses: [virtualAddress.address],
};

type Stage = {
  readonly port: WirePort;
  readonly segment: Segment;
  readonly counters: VrrpCounters;
  readonly heard: Received[];
  readonly lines: string[];
};

function world(
  changes: Partial<VrrpInstance> = {},
  comparesList = true,
  source = sourceAddress,
): Stage {
  const port = new SimulatedWire(new SimulatedClock(), seededRandom(1)).attach(source);
  const counters = zeroCounters();
  const heard: Received[] = [];
  const lines: string[] = [];
  const segment = new Segment({
    packets: port,
    log: { write: (_level, line) => lines.push(line) },
    counters,
    settings: () => settings(source, changes),
    comparesList: () => comparesList,
    epochMs: () => 1_780_000_000_000,
    heard: (advertisement) => heard.push(advertisement),
  });
  return { port, segment, counters, heard, lines };
}

/** The counters that are not zero. */
function moved(counters: VrrpCounters): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).filter(([, count]) => count > 0));
}

function carried(advertisement: Advertisement, changes: Partial<Datagram> = {}): Datagram {
  const destination = changes.destination ?? vrrpGroup;
  const payload = changes.payload ?? encodeAdvertisement(advertisement, destination, 'rfc');
  return {
    source: advertisement.source,
    destination,
    hops: 255,
    protocol: 112,
    identification: 1,
    payload,
    statedBytes: payload.length,
    ...changes,
  };
}

function damaged(at: number, value: number): Datagram {
  const payload = encodeAdvertisement(good, vrrpGroup, 'rfc');
  payload[at] = value;
  return carried(good, { payload });
}

t.test('adverts leave with rising identifications and are counted', (t) => {
  const { port, segment, counters } = world();
  t.notOk(segment.send(100), 'no socket yet');
  segment.open()._unsafeUnwrap();
  t.ok(segment.send(100));
  t.ok(segment.send(0));
  const expected = { ...good, source: sourceAddress };
  t.strictSame(port.datagrams, [
    carried({ ...expected, priority: 100 }),
    carried({ ...expected, priority: 0 }, { identification: 2 }),
  ]);
  t.strictSame(moved(counters), { advertsSent: 2, priorityZeroSent: 1 });
  t.end();
});

t.test('an advert that cannot leave is said once and not counted', (t) => {
  const { port, segment, counters, lines } = world();
  segment.open()._unsafeUnwrap();
  port.isUp = false;
  t.notOk(segment.send(100));
  t.notOk(segment.send(100));
  t.strictSame(lines, ['(V_1) cannot send: Network is down']);
  t.strictSame(moved(counters), {});
  port.isUp = true;
  t.ok(segment.send(100));
  port.isUp = false;
  t.notOk(segment.send(100));
  t.equal(lines.length, 2, 'said again after it was right');
  t.ok(segment.open().isErr());
  t.end();
});

t.test('one copy for each peer, with the TTL that was asked for', (t) => {
  const addresses = ['10.0.0.1', '10.0.0.3'].map(ipAddress);
  const peers = addresses.map((address) => ({ address, ttlMin: 0, ttlMax: 255 }));
  const { port, segment, counters } = world({ destination: { type: 'peers', peers, ttl: 7 } });
  segment.open()._unsafeUnwrap();
  t.ok(segment.send(100));
  t.strictSame(
    port.datagrams.map(({ destination, hops }) => [destination, hops]),
    addresses.map((address) => [address, 7]),
  );
  t.equal(counters.advertsSent, 1, 'one advert');
  t.end();
});

t.test('an authentication header goes on from the sequence number heard', (t) => {
  const authentication = { type: 'ah', password: 's3cr3t' } as const;
  const ours = world({ authentication });
  const theirs = world({ authentication, priority: 150 });
  for (const { segment } of [ours, theirs]) segment.open()._unsafeUnwrap();
  const exchange = (from: Stage, to: Stage): number => {
    from.segment.send(150);
    const sent = from.port.datagrams.at(-1);
    if (sent === undefined) throw new Error('assertion: nothing was sent');
    to.port.deliver(sent);
    return verify(sent, 's3cr3t', 0)._unsafeUnwrap().sequence;
  };
  t.strictSame([exchange(theirs, ours), exchange(theirs, ours), exchange(ours, theirs)], [1, 2, 3]);
  t.equal(ours.heard.length, 2);
  const replayed = theirs.port.datagrams[0];
  if (replayed !== undefined) ours.port.deliver(replayed);
  t.equal(ours.heard.length, 2, 'not what was there before');
  t.equal(ours.counters.authFailure, 1);
  t.match(ours.lines[0], /sequence number 1 already processed/);
  t.end();
});

t.test('only the addresses of the family that fit are advertised', (t) => {
  const fourth = Array.from({ length: 300 }, (_, n) => `10.1.${n >> 8}.${n & 255}`);
  const sixth = Array.from({ length: 100 }, (_, n) => `2001:db8::${(n + 1).toString(16)}`);
  const virtualAddresses = [...sixth, ...fourth].map((text) => ({
    prefix: parsePrefix(text)._unsafeUnwrap(),
    device: 'eth0',
  }));
  for (const [family, expected] of [
    ['ipv4', fourth.slice(0, 255)],
    ['ipv6', sixth.slice(0, 90)],
  ] as const) {
    const { port, segment } = world({ virtualAddresses, family, version: 3 });
    segment.open()._unsafeUnwrap();
    t.ok(segment.send(100));
    const payload = port.datagrams[0]?.payload ?? new Uint8Array();
    t.strictSame(fieldsOf(payload, family)?.addresses, expected);
  }
  t.end();
});

t.test('good adverts are heard, also with other addresses', (t) => {
  const { port, segment, counters, heard, lines } = world();
  segment.open()._unsafeUnwrap();
  port.deliver(carried(good));
  port.deliver(carried({ ...good, priority: 0 }));
  t.strictSame(moved(counters), { advertsReceived: 2, priorityZeroReceived: 1 });
  const others = { ...good, addresses: [ipAddress('10.0.0.101')] };
  for (let times = 0; times < 3; times++) port.deliver(carried(others));
  t.strictSame(
    heard.map(({ priority, addresses }) => [priority, ...addresses]),
    [
      [150, '10.0.0.100'],
      [0, '10.0.0.100'],
      ...Array.from({ length: 3 }, () => [150, '10.0.0.101']),
    ],
  );
  t.equal(counters.addressListErrors, 3);
  t.strictSame(lines, ['(V_1) 10.0.0.1 advertises other addresses than ours: 10.0.0.101']);
  segment.close();
  port.deliver(carried(good));
  t.equal(heard.length, 5, 'closed');
  const lenient = world({}, false);
  lenient.segment.open()._unsafeUnwrap();
  lenient.port.deliver(carried(others));
  t.equal(lenient.counters.addressListErrors, 0, 'skip_check_adv_addr');
  t.end();
});

t.test('another interval of VRRPv3 is said, and taken', (t) => {
  const { port, segment, heard, lines } = world({ version: 3 });
  segment.open()._unsafeUnwrap();
  const three: Advertisement = { ...good, version: 3 };
  for (const advertIntervalMs of [100, 100, 1000, 100]) {
    port.deliver(carried({ ...three, advertIntervalMs }));
  }
  t.equal(heard.length, 4);
  const line = "(V_1) advertisement interval mismatch mine=1 sec rcv'd=0.1 sec";
  t.strictSame(lines, [line, line], 'again after it was right');
  t.end();
});

t.test('the checksum of an old peer is taken over', (t) => {
  const peers = [{ address: peer, ttlMin: 0, ttlMax: 255 }];
  const { port, segment, heard, lines } = world({
    version: 3,
    destination: { type: 'peers', peers, ttl: 255 },
  });
  segment.open()._unsafeUnwrap();
  const three: Advertisement = { ...good, version: 3 };
  const payload = encodeAdvertisement(three, sourceAddress, 'group');
  port.deliver(carried(three, { destination: sourceAddress, payload }));
  t.equal(heard.length, 1);
  t.match(lines, [/as keepalived 1.x: so do we/]);
  segment.send(100);
  const ours = { ...three, source: sourceAddress, priority: 100 };
  t.strictSame(port.datagrams[0]?.payload, encodeAdvertisement(ours, peer, 'group'));
  t.end();
});

t.test('every refusal has its counter', (t) => {
  const cut = carried(good, { payload: new Uint8Array(7) });
  const refusals: readonly (readonly [Datagram, keyof VrrpCounters])[] = [
    [cut, 'packetLengthErrors'],
    [carried(good, { statedBytes: 41 }), 'packetLengthErrors'],
    [carried(good, { hops: 64 }), 'ttlErrors'],
    [carried(good, { protocol: 51 }), 'authTypeMismatch'],
    [carried({ ...good, version: 3 }), 'versionErrors'],
    [damaged(0, 0x22), 'invalidTypeReceived'],
    [carried(good, { destination: sourceAddress }), 'invalidTypeReceived'],
    [damaged(2, 151), 'checksumErrors'],
    [damaged(4, 9), 'authInvalidType'],
    [damaged(4, 1), 'authTypeMismatch'],
    [damaged(5, 2), 'advertIntervalErrors'],
  ];
  for (const [datagram, counter] of refusals) {
    const { port, segment, counters, heard, lines } = world();
    segment.open()._unsafeUnwrap();
    port.deliver(datagram);
    port.deliver(datagram);
    t.strictSame(moved(counters), { [counter]: 2 }, counter);
    t.equal(lines.length, 1, 'said once');
    port.deliver(carried(good));
    port.deliver(datagram);
    t.equal(lines.length, 2, 'said again after a good one');
    t.equal(heard.length, 1);
  }
  const password = { type: 'pass', password: 'right' } as const;
  const { port, segment, counters } = world({ authentication: password });
  segment.open()._unsafeUnwrap();
  port.deliver(carried({ ...good, authentication: { ...password, password: 'wrong' } }));
  t.strictSame(moved(counters), { authFailure: 1 });
  t.end();
});

const signingKey = { id: 7, digits: 'a7'.repeat(32) };
const signing: VrrpInstance['signing'] = {
  keys: [signingKey],
  active: signingKey,
  takesUnsigned: false,
  windowSeconds: 5,
};
const sixth = [{ prefix: parsePrefix('fe80::100/64')._unsafeUnwrap(), device: 'eth0' }];
const forms: readonly (readonly [string, Partial<VrrpInstance>])[] = [
  ['VRRPv2', {}],
  ['VRRPv3', { version: 3 }],
  [
    'IPv6',
    {
      version: 3,
      family: 'ipv6',
      virtualAddresses: sixth,
      destination: { type: 'group', group: ipAddress('ff02::12') },
    },
  ],
];

t.test('adverts with signatures', (t) => {
  for (const [name, form] of forms) {
    const isSixth = form.family === 'ipv6';
    const addresses = isSixth
      ? (['fe80::1', 'fe80::2'] as const)
      : (['10.0.0.1', '10.0.0.2'] as const);
    const [theirs, ours] = addresses.map((address) => ipAddress(address));
    if (theirs === undefined || ours === undefined) throw new Error('assertion: two addresses');
    const other = world({ ...form, signing }, true, theirs);
    other.segment.open()._unsafeUnwrap();
    other.segment.send(150);
    const [sent] = other.port.datagrams;
    if (sent === undefined) throw new Error('assertion: nothing left');
    const plain = world({ ...form }, true, theirs);
    plain.segment.open()._unsafeUnwrap();
    plain.segment.send(150);
    const [unsigned] = plain.port.datagrams;
    t.equal(sent.payload.length, (unsigned?.payload.length ?? 0) + 28, name);
    const { port, segment, counters, heard } = world({ ...form, signing }, true, ours);
    segment.open()._unsafeUnwrap();
    port.deliver(sent);
    t.match(heard, [{ priority: 150, isSigned: true }], name);
    port.deliver(sent);
    const payload = sent.payload.slice();
    payload[2] = 200;
    port.deliver({ ...sent, payload });
    t.match(counters, { advertsReceived: 1, authFailure: 2 }, 'replayed, and changed');
    if (unsigned !== undefined) port.deliver(unsigned);
    t.match(counters, { advertsReceived: 1, authTypeMismatch: 1 }, 'without');
    const patient = world({ ...form, signing: { ...signing, takesUnsigned: true } }, true, ours);
    patient.segment.open()._unsafeUnwrap();
    if (unsigned !== undefined) patient.port.deliver(unsigned);
    t.match(patient.heard, [{ priority: 150, isSigned: false }]);
    t.match(patient.lines, [/does not sign its adverts, which are taken still/]);
    plain.port.deliver({ ...sent, source: ours });
    t.match(plain.counters, { advertsReceived: 0, packetLengthErrors: 1 }, 'not asked for');
  }
  t.end();
});

t.test('a signature from nobody that is a peer, and the same one for all peers', (t) => {
  const peers = [
    { address: peer, ttlMin: 0, ttlMax: 255 },
    { address: ipAddress('10.0.0.9'), ttlMin: 0, ttlMax: 255 },
  ];
  const changes = { destination: { type: 'peers', peers, ttl: 255 }, signing } as const;
  const { port, segment, counters } = world(changes);
  segment.open()._unsafeUnwrap();
  segment.send(100);
  const [first, second] = port.datagrams;
  t.strictSame(first?.payload.slice(-28), second?.payload.slice(-28));
  if (first !== undefined) port.deliver({ ...first, source: ipAddress('10.0.0.66') });
  t.strictSame(moved(counters), { advertsSent: 1, unknownPeer: 1 });
  t.end();
});

t.test('other virtual routers on the segment are not our business', (t) => {
  const { port, segment, counters, heard, lines } = world();
  segment.open()._unsafeUnwrap();
  port.deliver(carried({ ...good, virtualRouterId: 52 }));
  t.strictSame([moved(counters), heard, lines], [{}, [], []]);
  t.end();
});
