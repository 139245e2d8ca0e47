import t from 'tap';
import { ipAddress } from '../../src/net/address.js';
import { ByteReader, ByteWriter } from '../../src/net/bytes.js';
import { internetChecksum } from '../../src/net/checksum.js';
import { macBytes, macFromBytes, parseMacAddress } from '../../src/net/mac.js';

t.test('numbers are big-endian and the writer grows', (t) => {
  const writer = new ByteWriter().u8(0x101).u16(0x1234).u32(0xfedcba98);
  writer.address(ipAddress('192.0.2.1')).bytes(new Uint8Array(100).fill(7));
  const bytes = writer.finish();
  t.same([...bytes.subarray(0, 11)], [1, 0x12, 0x34, 0xfe, 0xdc, 0xba, 0x98, 192, 0, 2, 1]);
  t.equal(bytes.length, 111);
  const reader = new ByteReader(bytes);
  t.equal(reader.u8(), 1);
  t.equal(reader.u16(), 0x1234);
  t.equal(reader.u32(), 0xfedcba98);
  t.equal(reader.ipv4(), '192.0.2.1');
  t.equal(reader.remaining, 100);
  t.notOk(reader.overran);
  t.end();
});

t.test('reading past the end is remembered and gives zeros', (t) => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3));
  t.equal(reader.u32(), 0);
  t.ok(reader.overran);
  t.equal(reader.u8(), 0, 'also what would have fitted');
  t.equal(reader.remaining, 0);
  t.end();
});

t.test('the checksum of RFC 1071 section 3', (t) => {
  const example = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  t.equal(internetChecksum(example), 0xffff & ~0xddf2);
  t.equal(
    internetChecksum(example.subarray(0, 3), example.subarray(3)),
    internetChecksum(example),
    'parts of odd length join',
  );
  t.equal(internetChecksum(Uint8Array.of(0xab)), 0xffff & ~0xab00, 'an odd end is padded');
  t.end();
});

t.test('MAC addresses', (t) => {
  const mac = parseMacAddress('00:00:5E:00:01:33')._unsafeUnwrap();
  t.equal(mac, '00:00:5e:00:01:33');
  t.equal(macFromBytes(macBytes(mac)), mac);
  t.ok(parseMacAddress('00:00:5e:00:01').isErr());
  t.ok(parseMacAddress('00-00-5e-00-01-33').isErr());
  t.end();
});
