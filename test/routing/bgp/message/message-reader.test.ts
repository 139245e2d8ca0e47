// A stream that is cut anywhere, and what is wrong with headers (RFC 4271 section 6.1).
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { encodeKeepalive, readHeader } from '../../../../src/routing/bgp/message/header.js';
import { MessageReader } from '../../../../src/routing/bgp/message/message-reader.js';
import { goldenPacket } from '../../../golden/hex.js';
import { errorIn, fullTerms, raw, readAll } from './messages.js';

const folder = new URL('../../../golden/packets/bgp/', import.meta.url);
const names = readdirSync(folder).map((file) => file.replace('.hex', ''));
const packets = names.map((name) => goldenPacket(`bgp/${name}`));
const stream = Uint8Array.from(packets.flatMap((packet) => [...packet]));
const whole = readAll([stream], fullTerms).map((message) => message._unsafeUnwrap());

t.test('one chunk, octet by octet, and cut in two at every place', (t) => {
  t.equal(whole.length, packets.length);
  const octets = Array.from(stream, (octet) => Uint8Array.of(octet));
  const parts = readAll(octets, fullTerms).map((message) => message._unsafeUnwrap());
  t.strictSame(parts, whole);
  for (let cut = 0; cut <= stream.length; cut++) {
    const two = readAll([stream.slice(0, cut), stream.slice(cut)], fullTerms);
    assert.deepEqual(
      two.map((message) => message._unsafeUnwrap()),
      whole,
      `cut at ${cut}`,
    );
  }
  t.end();
});

t.test('chunks of any sizes', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 60 }), (sizes) => {
      const chunks: Uint8Array[] = [];
      let offset = 0;
      for (const size of sizes) {
        chunks.push(stream.slice(offset, offset + size));
        offset += size;
      }
      chunks.push(stream.slice(offset));
      const messages = readAll(chunks, fullTerms).map((message) => message._unsafeUnwrap());
      assert.deepEqual(messages, whole);
    }),
    { numRuns: 300, seed: 1 },
  );
  t.end();
});

t.test('a message that is not complete is not there', (t) => {
  for (const [index, packet] of packets.entries()) {
    for (let length = 0; length < packet.length; length++) {
      const messages = readAll([packet.slice(0, length)], fullTerms);
      if (messages.length > 0) t.fail(`${names[index]} cut to ${length}`);
    }
  }
  t.ok(packets.length > 20);
  t.end();
});

t.test('what is decoded does not keep or follow the chunk', (t) => {
  const packet = goldenPacket('bgp/notification-shutdown');
  const chunk = new Uint8Array(65_536);
  chunk.set(packet);
  const reader = new MessageReader();
  for (const message of reader.messages(chunk.subarray(0, packet.length))) {
    const notification = message._unsafeUnwrap();
    chunk.fill(0);
    t.match(notification, { code: 6, subcode: 2 });
    const data = notification.type === 'notification' ? notification.data : chunk;
    t.equal(data[0], 12);
    t.ok(data.buffer.byteLength < 4096);
  }
  t.end();
});

const type = (value: number): Uint8Array => Uint8Array.of(value);
const length = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

t.test('errors of the header', (t) => {
  const broken = encodeKeepalive();
  broken[7] = 0xfe;
  t.match(errorIn(broken, fullTerms), { code: 1, subcode: 1, reason: /marker/ });
  const cases: readonly (readonly [string, number, number, number, Uint8Array])[] = [
    ['shorter than a header', 4, 18, 2, length(18)],
    ['longer than messages are', 2, 4097, 2, length(4097)],
    ['type 0', 0, 19, 3, type(0)],
    ['type 6', 6, 19, 3, type(6)],
    ['a KEEPALIVE with a body', 4, 20, 2, length(20)],
    ['an OPEN that is too short', 1, 28, 2, length(28)],
    ['an UPDATE that is too short', 2, 22, 2, length(22)],
    ['a NOTIFICATION that is too short', 3, 20, 2, length(20)],
    ['a ROUTE-REFRESH that is too short', 5, 22, 2, length(22)],
  ];
  for (const [name, code, octets, subcode, data] of cases) {
    // The body has not come: the header alone says that it need not.
    const error = errorIn(raw(code, new Uint8Array(0), octets), fullTerms);
    t.match(error, { type: 'bgp.message', code: 1, subcode }, name);
    t.strictSame(error.data, data, name);
  }
  t.ok(readHeader(raw(1, new Uint8Array(10)), 4096).isOk());
  t.end();
});

t.test('65535 octets only when agreed, and never for OPEN and KEEPALIVE (RFC 8654)', (t) => {
  const terms = { ...fullTerms, messageOctetsMax: 65_535 };
  const body = new Uint8Array(65_535 - 19);
  const notification = raw(3, body);
  t.match(errorIn(notification, fullTerms), { code: 1, subcode: 2 });
  const [message] = readAll([notification.subarray(0, 9000), notification.subarray(9000)], terms);
  t.match(message?._unsafeUnwrap(), { type: 'notification', code: 0 });
  t.match(errorIn(raw(1, new Uint8Array(5000)), terms), { code: 1, subcode: 2 });
  t.end();
});

t.test('nothing comes behind an error, nor to who left early', (t) => {
  const reader = new MessageReader();
  const twoKeepalives = Uint8Array.of(...encodeKeepalive(), ...encodeKeepalive());
  const broken = Uint8Array.of(...raw(9, new Uint8Array(0)), ...encodeKeepalive());
  t.strictSame(
    [...reader.messages(broken)].map((message) => message.isErr()),
    [true],
  );
  t.strictSame([...reader.messages(encodeKeepalive())], []);
  const left = new MessageReader();
  for (const message of left.messages(twoKeepalives)) {
    t.ok(message.isOk());
    break;
  }
  t.strictSame([...left.messages(encodeKeepalive())], []);
  t.end();
});

t.test('what is agreed counts from the next message on', (t) => {
  const reader = new MessageReader();
  const begin = goldenPacket('bgp/route-refresh-begin');
  const phases: string[] = [];
  for (const message of reader.messages(Uint8Array.of(...begin, ...begin))) {
    const refresh = message._unsafeUnwrap();
    if (refresh.type === 'route_refresh') phases.push(refresh.phase);
    reader.agree(fullTerms);
  }
  t.strictSame(phases, ['request', 'begin']);
  t.end();
});

t.test('no bytes make it throw', (t) => {
  const terms = [fullTerms, { ...fullTerms, messageOctetsMax: 65_535, hasFourOctetAs: false }];
  const anything = fc.uint8Array({ maxLength: 300 });
  const message = fc
    .tuple(fc.integer({ min: 0, max: 6 }), anything)
    .map(([code, body]) => raw(code, body));
  const flipped = fc
    .tuple(
      fc.constantFrom(...packets),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 6 }),
    )
    .map(([packet, changes]) => {
      const bytes = packet.slice();
      // Behind the header, so that the body is looked at.
      for (const [at, value] of changes) bytes[19 + (at % Math.max(1, bytes.length - 19))] = value;
      return bytes.subarray(0, packet.length);
    });
  const one = fc.oneof(anything, message, flipped);
  fc.assert(
    fc.property(fc.array(one, { maxLength: 6 }), fc.constantFrom(...terms), (chunks, agreed) => {
      const octets = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const messages = readAll(chunks, agreed);
      assert.ok(messages.length <= octets / 19 + 1);
      for (const decoded of messages) {
        if (decoded.isErr()) {
          assert.ok(decoded.error.code >= 1 && decoded.error.code <= 7);
          assert.ok(decoded.error.reason.length < 200);
        } else if (decoded.value.type === 'update') {
          assert.ok(decoded.value.announced + decoded.value.withdrawn <= octets);
        }
      }
    }),
    { numRuns: 4000, seed: 1 },
  );
  t.end();
});
