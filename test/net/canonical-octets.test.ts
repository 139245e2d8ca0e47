// The quick way to an address's octets says what the strict one says.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { addressBytes, addressFromBytes, ipAddress } from '../../src/net/address.js';
import { canonicalOctets } from '../../src/net/canonical-octets.js';

t.test('every form', (t) => {
  const cases = [
    ['0.0.0.0', '00000000'],
    ['255.255.255.255', 'ffffffff'],
    ['192.0.2.10', 'c000020a'],
    ['::', '00'.repeat(16)],
    ['::1', `${'00'.repeat(15)}01`],
    ['1::', `0001${'00'.repeat(14)}`],
    ['fe80::1:0:0:1', 'fe800000000000000001000000000001'],
    ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ff'.repeat(16)],
  ] as const;
  for (const [text, hex] of cases) {
    t.equal(Buffer.from(canonicalOctets(text) ?? []).toString('hex'), hex, text);
    t.equal(Buffer.from(addressBytes(ipAddress(text))).toString('hex'), hex, text);
  }
  for (const text of ['', '1.2.3', '1.2.3.4.5', '1:2', '1:2:3:4:5:6:7:8:9']) {
    t.equal(canonicalOctets(text), null, text);
  }
  t.end();
});

t.test('any address', (t) => {
  // Zeros are frequent, so that gaps are everywhere.
  const octet = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }));
  const octets = fc.constantFrom(4, 16).chain((length) => {
    return fc.array(octet, { minLength: length, maxLength: length });
  });
  fc.assert(
    fc.property(octets, (values) => {
      const bytes = Uint8Array.from(values);
      assert.deepEqual(canonicalOctets(addressFromBytes(bytes)), bytes);
    }),
    { numRuns: 5000, seed: 1 },
  );
  t.end();
});
