import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { VrrpInstance, VrrpPeer } from '../../../src/config/vrrp.js';
import { type Received, receive } from '../../../src/ha/vrrp/receipt.js';
import { describeVrrpPacketError, type VrrpPacketError } from '../../../src/ha/vrrp/refusal.js';
import { Signing } from '../../../src/ha/vrrp/signing.js';
import { ipAddress } from '../../../src/net/address.js';
import type { Datagram } from '../../../src/ports/packets.js';
import { goldenPacket } from '../../golden/hex.js';
import { arrived, instance } from './instance.js';

const sourceAddress = ipAddress('10.77.0.2');
const master = ipAddress('10.77.0.1');

function take(datagram: Datagram, changes: Partial<VrrpInstance> = {}, sequence = 0) {
  const signing = new Signing(() => 0);
  return receive(datagram, { expected: instance(changes), sourceAddress, sequence, signing });
}

function golden(name: string, damage: Readonly<Record<number, number>> = {}): Datagram {
  const bytes = goldenPacket(`vrrp/${name}`);
  for (const [index, value] of Object.entries(damage)) bytes[Number(index)] = value;
  return arrived(bytes);
}

const plain = 'advertisement-priority-150';
const peers = (changes: Partial<VrrpPeer> = {}): VrrpInstance['destination'] => ({
  type: 'peers',
  peers: [{ address: master, ttlMin: 0, ttlMax: 255, ...changes }],
  ttl: 255,
});
const sixth: Datagram = {
  source: ipAddress('fe80::ff:fe00:1'),
  destination: ipAddress('ff02::12'),
  hops: 255,
  protocol: 112,
  identification: 0,
  payload: goldenPacket('vrrp/advertisement-v3-ipv6'),
  statedBytes: 40,
};
const group6 = { type: 'group', group: ipAddress('ff02::12') } as const;

t.test('adverts of keepalived are taken', (t) => {
  const password = { type: 'pass', password: 's3cr3t' } as const;
  const cases: readonly (readonly [Datagram, Partial<VrrpInstance>, Partial<Received>])[] = [
    [golden(plain), {}, { priority: 150, addresses: [ipAddress('10.77.0.100')] }],
    [golden('advertisement-priority-0'), {}, { priority: 0 }],
    [golden('advertisement-two-addresses-pass'), { authentication: password }, { priority: 150 }],
    [
      golden('advertisement-ah'),
      { authentication: { type: 'ah', password: 's3cr3t' } },
      { priority: 150, sequence: 2 },
    ],
    [golden('advertisement-v3'), { version: 3 }, { advertIntervalMs: 1000 }],
    [golden('advertisement-v3'), { version: 3, advertIntervalMs: 10 }, { advertIntervalMs: 1000 }],
    [
      golden('advertisement-v3-unicast'),
      { version: 3, destination: peers() },
      { advertIntervalMs: 100, checksum: 'rfc' },
    ],
    [sixth, { version: 3, family: 'ipv6', destination: group6 }, { priority: 150 }],
  ];
  for (const [datagram, changes, says] of cases) {
    t.match(take(datagram, changes)._unsafeUnwrap(), { source: datagram.source, ...says });
  }
  t.end();
});

type Damage = {
  readonly datagram: Datagram;
  readonly changes?: Partial<VrrpInstance>;
  readonly error: VrrpPacketError;
  readonly says: RegExp;
};

/** Damage of octets counts from the IPv4 header on, which has 20. */
const damages: readonly Damage[] = [
  {
    datagram: golden(plain, { 9: 51 }),
    error: { type: 'vrrp.protocol', protocol: 51, expected: 112 },
    says: /protocol 112 .* 51/,
  },
  {
    datagram: golden(plain, { 21: 52, 8: 64 }),
    error: { type: 'vrrp.other_router', virtualRouterId: 52 },
    says: /virtual router 52/,
  },
  {
    datagram: golden(plain, { 23: 2, 8: 64 }),
    error: { type: 'vrrp.length', lengthBytes: 20, expectedBytes: 24 },
    says: /length 20 and expect 24/,
  },
  {
    datagram: golden(plain, { 8: 254, 20: 0x31 }),
    error: { type: 'vrrp.length', lengthBytes: 20, expectedBytes: 12 },
    says: /length/,
  },
  {
    datagram: golden(plain, { 8: 254, 24: 7 }),
    error: { type: 'vrrp.ttl', ttl: 254 },
    says: /invalid ttl. 254 and expect 255/,
  },
  {
    datagram: golden('advertisement-v3'),
    error: { type: 'vrrp.version', version: 3, expected: 2 },
    says: /invalid version. 3 and expect 2/,
  },
  {
    datagram: golden(plain),
    changes: { version: 3 },
    error: { type: 'vrrp.version', version: 2, expected: 3 },
    says: /version. 2/,
  },
  {
    datagram: golden(plain, { 24: 7, 25: 9 }),
    error: { type: 'vrrp.authentication_unknown', authenticationType: 7 },
    says: /unknown authentication type 7/,
  },
  {
    datagram: golden(plain, { 24: 1, 25: 9 }),
    error: { type: 'vrrp.authentication_mismatch', authenticationType: 1 },
    says: /authentication type 1/,
  },
  {
    datagram: golden('advertisement-two-addresses-pass'),
    changes: { authentication: { type: 'pass', password: 's3cr3' } },
    error: { type: 'vrrp.password' },
    says: /invalid passwd/,
  },
  {
    datagram: golden(plain, { 25: 3, 20: 0x22 }),
    error: { type: 'vrrp.advert_interval', seconds: 3, expected: 1 },
    says: /mine=1 sec rcv'd=3 sec/,
  },
  {
    datagram: golden(plain, { 20: 0x22, 3: 41 }),
    error: { type: 'vrrp.packet_type', packetType: 2 },
    says: /packet type. 2/,
  },
  {
    datagram: golden(plain, { 3: 41, 22: 149 }),
    error: { type: 'vrrp.ip_length', totalBytes: 21, lengthBytes: 20 },
    says: /21 but received 20/,
  },
  {
    datagram: golden(plain, { 22: 149, 19: 1 }),
    error: { type: 'vrrp.checksum' },
    says: /checksum/,
  },
  {
    datagram: golden(plain, { 16: 10, 17: 77, 18: 0, 19: 2 }),
    error: { type: 'vrrp.unicast', destination: ipAddress('10.77.0.2') },
    says: /unicast advertisement to 10.77.0.2/,
  },
  {
    datagram: golden(plain),
    changes: { destination: peers() },
    error: { type: 'vrrp.multicast', destination: ipAddress('224.0.0.18') },
    says: /multicast advertisement/,
  },
  {
    datagram: golden(plain),
    changes: { priority: 255, ignoresAdvertsAsOwner: true },
    error: { type: 'vrrp.owner_ignored' },
    says: /own the addresses/,
  },
  {
    datagram: golden('advertisement-v3-unicast', { 15: 9, 19: 250 }),
    changes: { version: 3, destination: peers(), believesPeersOnly: true },
    error: { type: 'vrrp.checksum' },
    says: /checksum/,
  },
];

t.test('the first check that fails is the error', (t) => {
  for (const { datagram, changes, error, says } of damages) {
    const taken = take(datagram, changes);
    t.strictSame(taken.isErr() && taken.error, error, error.type);
    t.match(describeVrrpPacketError(error), says);
  }
  t.end();
});

t.test('peers, and how far away they may be', (t) => {
  const unicast = golden('advertisement-v3-unicast');
  const taken = (changes: Partial<VrrpPeer>, hops = 255): VrrpPacketError['type'] | 'taken' => {
    const expected = { version: 3, destination: peers(changes), believesPeersOnly: true } as const;
    const one = take({ ...unicast, hops }, expected);
    return one.isErr() ? one.error.type : 'taken';
  };
  t.equal(taken({}), 'taken');
  t.equal(taken({}, 3), 'taken', 'no limit was given');
  t.equal(taken({ address: ipAddress('10.77.0.7') }), 'vrrp.no_peer');
  t.equal(taken({ ttlMin: 254 }, 253), 'vrrp.peer_ttl');
  t.equal(taken({ ttlMax: 64 }, 65), 'vrrp.peer_ttl');
  t.equal(taken({ ttlMin: 64, ttlMax: 64 }, 64), 'taken');
  const self = receive(unicast, {
    expected: instance({ version: 3, destination: peers() }),
    sourceAddress: master,
    sequence: 0,
    signing: new Signing(() => 0),
  });
  t.strictSame(self.isErr() && self.error, { type: 'vrrp.self_sent' });
  t.end();
});

t.test('an authentication header proves who sent the packet, and when', (t) => {
  const authentication = { type: 'ah', password: 's3cr3t' } as const;
  const type = (datagram: Datagram, sequence: number, password = 's3cr3t'): string => {
    const taken = take(datagram, { authentication: { ...authentication, password } }, sequence);
    return taken.isErr() ? taken.error.type : 'taken';
  };
  const good = golden('advertisement-ah');
  t.equal(type(good, 1), 'taken');
  t.equal(type(good, 0xffffffff), 'taken', 'numbers wrap');
  t.equal(type(good, 2), 'vrrp.sequence', 'a packet that was there already');
  t.equal(type(good, 1, 'other'), 'vrrp.authentication_header');
  for (const at of [20, 21, 24, 35, 44 + 2, 44 + 7]) {
    const name = `octet ${at}`;
    t.not(type(golden('advertisement-ah', { [at]: 0xee }), 1), 'taken', name);
  }
  for (let length = 0; length < good.payload.length; length++) {
    t.not(type({ ...good, payload: good.payload.subarray(0, length) }, 1), 'taken', `${length}`);
  }
  t.equal(type(golden(plain), 1), 'vrrp.protocol');
  t.end();
});

t.test('the checksum of old peers is found out', (t) => {
  const old = golden('advertisement-v3');
  const datagram = { ...old, destination: sourceAddress };
  const form = (checksum: VrrpInstance['checksum']): string => {
    const taken = take(datagram, { version: 3, destination: peers(), checksum });
    return taken.isErr() ? taken.error.type : taken.value.checksum;
  };
  t.equal(form('detect'), 'group');
  t.equal(form('group'), 'group');
  t.equal(form('rfc'), 'vrrp.checksum', 'old_unicast_checksum never');
  t.equal(form('none'), 'none', 'v3_checksum_as_v2 takes every checksum, as keepalived');
  t.end();
});

t.test('no datagram makes it throw, and none that was cut is taken', (t) => {
  const versions = fc.constantFrom(plain, 'advertisement-v3', 'advertisement-two-addresses-pass');
  const changes = fc.tuple(versions, fc.nat(43), fc.nat(255), fc.nat(24));
  fc.assert(
    fc.property(changes, ([name, index, value, length]) => {
      const datagram = golden(name, { [index]: value });
      const payload = datagram.payload.subarray(0, length);
      for (const version of [2, 3] as const) {
        const taken = take({ ...datagram, payload }, { version });
        assert.ok(taken.isOk() || describeVrrpPacketError(taken.error) !== '');
        if (length < datagram.payload.length) assert.ok(taken.isErr());
      }
    }),
    { numRuns: 3000, seed: 3 },
  );
  t.end();
});
