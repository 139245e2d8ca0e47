import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  type Advertisement,
  decodeAdvertisement,
  describeVrrpPacketError,
  type Expectation,
  encodeAdvertisement,
  type VrrpPacketError,
} from '../../../src/ha/vrrp/packet.js';
import { addressFromBytes, ipAddress } from '../../../src/net/address.js';
import { internetChecksum } from '../../../src/net/checksum.js';
import { goldenPacket } from '../../golden/hex.js';

const running: Advertisement = {
  source: ipAddress('10.77.0.1'),
  virtualRouterId: 51,
  priority: 150,
  advertIntervalMs: 1000,
  authentication: { type: 'none' },
  addresses: [ipAddress('10.77.0.100')],
};
const withPassword: Advertisement = {
  ...running,
  authentication: { type: 'pass', password: 's3cr3t' },
  addresses: [ipAddress('10.77.0.100'), ipAddress('10.77.0.101')],
};
const stopping: Advertisement = { ...running, priority: 0 };
const golden = [
  { name: 'vrrp/advertisement-priority-150', advertisement: running, identification: 1 },
  { name: 'vrrp/advertisement-two-addresses-pass', advertisement: withPassword, identification: 1 },
  { name: 'vrrp/advertisement-priority-0', advertisement: stopping, identification: 11 },
] as const;

for (const { name, advertisement, identification } of golden) {
  const bytes = goldenPacket(name);
  t.test(name, (t) => {
    t.strictSame(decodeAdvertisement(bytes, advertisement)._unsafeUnwrap(), advertisement);
    t.strictSame(encodeAdvertisement(advertisement, identification), bytes);
    for (let length = 0; length < bytes.length; length++) {
      const cut = decodeAdvertisement(bytes.subarray(0, length), advertisement);
      t.equal(cut.isErr() && cut.error.type, 'vrrp.length', `${length} bytes`);
    }
    const padded = decodeAdvertisement(Uint8Array.of(...bytes, 0), advertisement);
    t.equal(padded.isErr() && padded.error.type, 'vrrp.length', 'one byte too many');
    t.end();
  });
}

type Damage = {
  readonly at: Readonly<Record<number, number>>;
  readonly expected?: Partial<Expectation>;
  readonly error: VrrpPacketError;
  readonly says: RegExp;
};

const ttl = 8;
const payload = 20;
/** Each changes one thing of the good packet; the order of the checks is keepalived's. */
const damages: readonly Damage[] = [
  { at: { 9: 51 }, error: { type: 'vrrp.protocol', protocol: 51 }, says: /protocol 112 .* 51/ },
  {
    at: { [payload + 1]: 52, [ttl]: 64 },
    error: { type: 'vrrp.other_router', virtualRouterId: 52 },
    says: /virtual router 52/,
  },
  {
    at: { [payload + 3]: 2, [ttl]: 64 },
    error: { type: 'vrrp.length', lengthBytes: 40, expectedBytes: 44 },
    says: /length 40 and expect 44/,
  },
  {
    at: { [ttl]: 254, [payload]: 0x31 },
    error: { type: 'vrrp.ttl', ttl: 254 },
    says: /invalid ttl. 254 and expect 255/,
  },
  {
    at: { [payload]: 0x31, [payload + 4]: 7 },
    error: { type: 'vrrp.version', version: 3 },
    says: /invalid version. 3 and expect 2/,
  },
  {
    at: { [payload + 4]: 7, [payload + 5]: 9 },
    error: { type: 'vrrp.authentication_unknown', authenticationType: 7 },
    says: /unknown authentication type 7/,
  },
  {
    at: { [payload + 4]: 1, [payload + 5]: 9 },
    error: { type: 'vrrp.authentication_mismatch', authenticationType: 1 },
    says: /authentication type 1/,
  },
  {
    at: { [payload + 5]: 3, [payload]: 0x22 },
    error: { type: 'vrrp.advert_interval', seconds: 3, expected: 1 },
    says: /mine=1 sec rcv'd=3 sec/,
  },
  {
    at: { [payload]: 0x22, 3: 41 },
    error: { type: 'vrrp.packet_type', packetType: 2 },
    says: /packet type. 2/,
  },
  {
    at: { 3: 41, [payload + 2]: 149 },
    error: { type: 'vrrp.ip_length', totalBytes: 41, lengthBytes: 40 },
    says: /41 but received 40/,
  },
  { at: { [payload + 2]: 149, 19: 1 }, error: { type: 'vrrp.checksum' }, says: /checksum/ },
  {
    at: { 16: 10, 17: 77, 18: 0, 19: 2 },
    error: { type: 'vrrp.unicast', destination: ipAddress('10.77.0.2') },
    says: /unicast advertisement to 10.77.0.2/,
  },
];

t.test('the first check that fails is the error', (t) => {
  for (const { at, expected, error, says } of damages) {
    const bytes = goldenPacket('vrrp/advertisement-priority-150');
    for (const [index, value] of Object.entries(at)) bytes[Number(index)] = value;
    const decoded = decodeAdvertisement(bytes, { ...running, ...expected });
    t.strictSame(decoded.isErr() && decoded.error, error, error.type);
    t.match(describeVrrpPacketError(error), says);
  }
  t.end();
});

t.test('passwords', (t) => {
  const bytes = goldenPacket('vrrp/advertisement-two-addresses-pass');
  for (const password of ['s3cr3', 's3cr3t!', 'S3cr3t', 'x']) {
    const decoded = decodeAdvertisement(bytes, {
      ...withPassword,
      authentication: { type: 'pass', password },
    });
    t.equal(decoded.isErr() && decoded.error.type, 'vrrp.password', password);
  }
  t.match(describeVrrpPacketError({ type: 'vrrp.password' }), /invalid passwd/);
  const umlaut = { ...running, authentication: { type: 'pass', password: 'aü%b' } } as const;
  const octets = encodeAdvertisement(umlaut, 1).subarray(-8);
  t.strictSame([...octets], [0x61, 0xc3, 0xbc, 0x25, 0x62, 0, 0, 0], 'UTF-8, filled with zeros');
  t.end();
});

t.test('options in the IPv4 header are stepped over', (t) => {
  const bytes = goldenPacket('vrrp/advertisement-priority-150');
  const routerAlert = [0x94, 4, 0, 0];
  const optioned = Uint8Array.of(...bytes.subarray(0, 20), ...routerAlert, ...bytes.subarray(20));
  optioned[0] = 0x46;
  optioned[3] = 44;
  t.strictSame(decodeAdvertisement(optioned, running)._unsafeUnwrap(), running);
  t.end();
});

const advertisements = fc.record(
  {
    source: fc.uint8Array({ minLength: 4, maxLength: 4 }).map(addressFromBytes),
    virtualRouterId: fc.integer({ min: 1, max: 255 }),
    priority: fc.integer({ min: 0, max: 255 }),
    advertIntervalMs: fc.integer({ min: 1, max: 255 }).map((seconds) => seconds * 1000),
    authentication: fc.oneof(
      fc.constant({ type: 'none' } as const),
      fc
        .string({ minLength: 1, maxLength: 8 })
        .map((password) => ({ type: 'pass', password }) as const),
    ),
    addresses: fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }).map(addressFromBytes), {
      maxLength: 255,
    }),
  },
  { noNullPrototype: true },
);

t.test('what is encoded decodes to the same', (t) => {
  fc.assert(
    fc.property(advertisements, fc.nat(0xffff), (advertisement, identification) => {
      const bytes = encodeAdvertisement(advertisement, identification);
      assert.equal(internetChecksum(bytes.subarray(0, 20)), 0);
      const decoded = decodeAdvertisement(bytes, advertisement)._unsafeUnwrap();
      assert.deepEqual(decoded, advertisement);
    }),
    { numRuns: 200, seed: 1 },
  );
  t.end();
});

t.test('no bytes make it throw', (t) => {
  const arbitrary = fc.uint8Array({ maxLength: 120 });
  const changed = fc.tuple(fc.nat(39), fc.nat(255), fc.nat(60)).map(([index, value, length]) => {
    const bytes = goldenPacket('vrrp/advertisement-priority-150');
    bytes[index] = value;
    return bytes.subarray(0, length);
  });
  fc.assert(
    fc.property(fc.oneof(arbitrary, changed), (bytes) => {
      const decoded = decodeAdvertisement(bytes, running);
      assert.ok(decoded.isOk() || describeVrrpPacketError(decoded.error) !== '');
    }),
    { numRuns: 2000, seed: 2 },
  );
  t.end();
});
