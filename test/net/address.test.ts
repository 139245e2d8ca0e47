import fc from 'fast-check';
import t from 'tap';
import {
  addressBytes,
  addressFromBytes,
  compareAddresses,
  describeAddressError,
  familyOf,
  formatEndpoint,
  ipAddress,
  parseIpAddress,
} from '../../src/net/address.js';

t.test('IPv4 is strict: four decimal octets and nothing else', (t) => {
  t.equal(parseIpAddress('192.0.2.1')._unsafeUnwrap(), '192.0.2.1');
  for (const text of [
    '192.0.2',
    '192.0.2.256',
    '192.0.2.01',
    '0x7f.1',
    '1.2.3.4.5',
    '',
    ' 1.2.3.4',
  ]) {
    t.ok(parseIpAddress(text).isErr(), text);
  }
  const error = parseIpAddress('10.0.0.300')._unsafeUnwrapErr();
  t.equal(describeAddressError(error), '"10.0.0.300" is not an IP address');
  t.end();
});

t.test('IPv6 is canonical as RFC 5952 section 4 says', (t) => {
  const canonical: readonly (readonly [string, string])[] = [
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::', '::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['1::', '1::'],
  ];
  for (const [text, expected] of canonical) {
    t.equal(parseIpAddress(text)._unsafeUnwrap(), expected, text);
  }
  for (const text of [
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7::8',
    '::1.2.3',
  ]) {
    t.ok(parseIpAddress(text).isErr(), text);
  }
  t.end();
});

t.test('any bytes survive the way to text and back', (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, (octets) => {
      const address = addressFromBytes(octets);
      return (
        parseIpAddress(address)._unsafeUnwrap() === address &&
        addressBytes(address).every((byte, index) => byte === octets[index])
      );
    }),
  );
  t.end();
});

t.test('order is numeric, families apart', (t) => {
  const sorted = ['9.0.0.1', '10.0.0.1', '10.0.0.2', '::1', '2001:db8::'].map(ipAddress);
  t.same([...sorted].reverse().sort(compareAddresses), sorted);
  t.equal(compareAddresses(ipAddress('10.0.0.1'), ipAddress('10.0.0.1')), 0);
  t.equal(familyOf(ipAddress('::1')), 'ipv6');
  t.equal(formatEndpoint({ address: ipAddress('192.0.2.1'), port: 80 }), '192.0.2.1:80');
  t.equal(formatEndpoint({ address: ipAddress('2001:db8::1'), port: 80 }), '[2001:db8::1]:80');
  t.end();
});

t.test('no text makes the parser throw', (t) => {
  fc.assert(fc.property(fc.string(), (text) => typeof parseIpAddress(text).isOk() === 'boolean'));
  t.end();
});
