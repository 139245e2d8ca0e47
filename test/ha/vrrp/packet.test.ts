import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  type Advertisement,
  authenticationTypeOf,
  encodeAdvertisement,
  fieldsOf,
  isChecksumRight,
  messageBytes,
} from '../../../src/ha/vrrp/packet.js';
import { type AddressFamily, addressFromBytes, ipAddress } from '../../../src/net/address.js';
import { goldenPacket } from '../../golden/hex.js';

const group = ipAddress('224.0.0.18');
const running: Advertisement = {
  version: 2,
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
const sixth: Advertisement = {
  ...running,
  version: 3,
  source: ipAddress('fe80::ff:fe00:1'),
  addresses: [ipAddress('fe80::100'), ipAddress('fd77::100')],
};
const golden = [
  { name: 'advertisement-priority-150', says: running, to: '224.0.0.18' },
  { name: 'advertisement-two-addresses-pass', says: withPassword, to: '224.0.0.18' },
  { name: 'advertisement-priority-0', says: { ...running, priority: 0 }, to: '224.0.0.18' },
  { name: 'advertisement-v3', says: { ...running, version: 3 }, to: '224.0.0.18' },
  {
    name: 'advertisement-v3-unicast',
    says: { ...running, version: 3, advertIntervalMs: 100 },
    to: '10.77.0.2',
  },
  { name: 'advertisement-v3-ipv6', says: sixth, to: 'ff02::12' },
] as const;

for (const { name, says, to } of golden) {
  t.test(name, (t) => {
    const whole = goldenPacket(`vrrp/${name}`);
    const family: AddressFamily = to.includes(':') ? 'ipv6' : 'ipv4';
    const message = family === 'ipv4' ? whole.subarray(20) : whole;
    const destination = ipAddress(to);
    t.strictSame(encodeAdvertisement(says, destination, 'rfc'), message);
    t.match(fieldsOf(message, family), {
      version: says.version,
      packetType: 1,
      virtualRouterId: 51,
      priority: says.priority,
      advertIntervalMs: says.advertIntervalMs,
      addresses: says.addresses,
    });
    t.equal(messageBytes(says.version, family, says.addresses.length), message.length);
    t.ok(isChecksumRight(message, says.version, [says.source, destination], 'rfc'));
    for (let length = 0; length < 8; length++) {
      t.equal(fieldsOf(message.subarray(0, length), family), null, `${length} bytes`);
    }
    t.end();
  });
}

t.test('forms of the checksum of VRRPv3', (t) => {
  const three: Advertisement = { ...running, version: 3 };
  const peer = ipAddress('10.77.0.2');
  const sums = (['rfc', 'none', 'group'] as const).map((form) => {
    const bytes = encodeAdvertisement(three, peer, form);
    t.ok(isChecksumRight(bytes, 3, [three.source, peer], form), form);
    return (bytes[6] ?? 0) * 256 + (bytes[7] ?? 0);
  });
  t.equal(new Set(sums).size, 3, 'differ');
  const toGroup = encodeAdvertisement(three, group, 'rfc');
  t.strictSame(encodeAdvertisement(three, peer, 'group'), toGroup, 'as if sent to the group');
  const two = (form: 'rfc' | 'none'): Uint8Array => encodeAdvertisement(running, peer, form);
  t.strictSame(two('none'), two('rfc'), 'VRRPv2 has one form');
  t.end();
});

t.test('passwords are UTF-8, filled with zeros, and not in AH', (t) => {
  const umlaut = { ...running, authentication: { type: 'pass', password: 'aü%b' } } as const;
  const octets = encodeAdvertisement(umlaut, group, 'rfc').subarray(-8);
  t.strictSame([...octets], [0x61, 0xc3, 0xbc, 0x25, 0x62, 0, 0, 0]);
  const sealed = { ...running, authentication: { type: 'ah', password: 'x' } } as const;
  t.strictSame([...encodeAdvertisement(sealed, group, 'rfc').subarray(-8)], Array(8).fill(0));
  t.strictSame([0, 1, 2, 3].map(authenticationTypeOf), ['none', 'pass', 'ah', null]);
  t.end();
});

const octets = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

t.test('what is encoded is read again', (t) => {
  const cases = fc.tuple(
    fc.constantFrom(4, 16),
    fc.constantFrom(2 as const, 3 as const),
    fc.integer({ min: 1, max: 255 }),
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 1, max: 255 }),
    fc.integer({ min: 0, max: 40 }),
  );
  fc.assert(
    fc.property(cases, octets(16 * 42), ([size, version, id, priority, interval, count], bytes) => {
      const at = (index: number) => addressFromBytes(bytes.slice(size * index, size * (index + 1)));
      const family = size === 4 ? 'ipv4' : 'ipv6';
      const advertisement: Advertisement = {
        version,
        source: at(0),
        virtualRouterId: id,
        priority,
        advertIntervalMs: interval * (version === 2 ? 1000 : 10),
        authentication: { type: 'none' },
        addresses: Array.from({ length: count }, (_, index) => at(index + 2)),
      };
      const message = encodeAdvertisement(advertisement, at(1), 'rfc');
      assert.ok(isChecksumRight(message, version, [at(0), at(1)], 'rfc'));
      const fields = fieldsOf(message, family);
      assert.deepEqual(fields?.addresses, advertisement.addresses);
      assert.equal(fields?.advertIntervalMs, advertisement.advertIntervalMs);
      assert.equal(fields?.virtualRouterId, id);
    }),
    { numRuns: 200, seed: 1 },
  );
  t.end();
});

t.test('no bytes make it throw', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (bytes, isSix) => {
      const fields = fieldsOf(bytes, isSix ? 'ipv6' : 'ipv4');
      assert.equal(fields === null, bytes.length < 8);
      assert.ok((fields?.addresses.length ?? 0) <= 28);
    }),
    { numRuns: 2000, seed: 2 },
  );
  t.end();
});
