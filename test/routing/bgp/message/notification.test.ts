// Names of errors, and texts between operators (RFC 9003), which are hostile octets like all others.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Notification } from '../../../../src/routing/bgp/message/message.js';
import {
  decodeNotification,
  describeNotification,
  encodeNotification,
  hardResetNotification,
  reasonOf,
  shutdownNotification,
  shutdownText,
} from '../../../../src/routing/bgp/message/notification.js';
import { notificationName } from '../../../../src/routing/bgp/message/notification-names.js';
import { readableText, textOctets } from '../../../../src/routing/bgp/message/readable-text.js';
import { fullTerms, readAll } from './messages.js';

const cease = (subcode: number, ...data: number[]): Notification => ({
  type: 'notification',
  code: 6,
  subcode,
  data: Uint8Array.from(data),
});

t.test('names', (t) => {
  const cases = [
    [1, 2, 'Message Header Error/Bad Message Length'],
    [2, 7, 'OPEN Message Error/Unsupported Capability'],
    [3, 11, 'UPDATE Message Error/Malformed AS_PATH'],
    [4, 0, 'Hold Timer Expired'],
    [5, 3, 'Finite State Machine Error/Unexpected Message in Established'],
    [6, 2, 'Cease/Administrative Shutdown'],
    [6, 9, 'Cease/Hard Reset'],
    [6, 10, 'Cease/BFD Down'],
    [7, 1, 'ROUTE-REFRESH Message Error/Invalid Message Length'],
    [8, 0, 'Send Hold Timer Expired'],
    [6, 99, 'Cease/99'],
    [77, 1, 'Error 77/1'],
  ] as const;
  for (const [code, subcode, name] of cases) t.equal(notificationName(code, subcode), name);
  t.end();
});

t.test('a text is cut at 255 octets, between characters', (t) => {
  const short = shutdownNotification(4, 'Wartung für heute');
  t.match(short, { code: 6, subcode: 4 });
  t.equal(short.data[0], 18);
  t.equal(shutdownText(short), 'Wartung für heute');
  const long = shutdownNotification(2, '€'.repeat(200));
  t.equal(long.data.length, 256);
  t.equal(shutdownText(long), '€'.repeat(85));
  t.equal(textOctets('é'.repeat(3), 5).length, 4);
  t.equal(shutdownNotification(2, '').data.length, 0);
  t.equal(shutdownText(shutdownNotification(2, '')), null);
  t.end();
});

t.test('texts that are not right', (t) => {
  t.equal(shutdownText(cease(2, 5, 0x61)), null, 'shorter than it says');
  t.equal(shutdownText(cease(2, 0)), null, 'empty');
  t.equal(shutdownText(cease(2, 1, 0x61, 0x62)), 'a', 'octets behind it');
  t.equal(shutdownText(cease(3, 1, 0x61)), null, 'not a shutdown');
  t.equal(shutdownText({ ...cease(2, 1, 0x61), code: 5 }), null);
  t.equal(shutdownText(cease(2, 3, 0xff, 0x1b, 0x41)), '\u{fffd}\u{fffd}A', 'not UTF-8');
  const evil = new TextEncoder().encode('ok\r\nroot: x\u{202e}y\u{2028}\u{9b}\u{feff}');
  t.equal(readableText(evil), 'ok\u{fffd}\u{fffd}root: x\u{fffd}y\u{fffd}\u{fffd}\u{fffd}');
  t.end();
});

t.test('a hard reset says why', (t) => {
  const inner = shutdownNotification(2, 'moved');
  const reset = hardResetNotification(inner);
  t.match(reset, { code: 6, subcode: 9 });
  t.strictSame(reasonOf(reset), inner);
  t.equal(shutdownText(reset), 'moved');
  t.equal(describeNotification(reset), 'Cease/Hard Reset (Cease/Administrative Shutdown)');
  t.equal(describeNotification(inner), 'Cease/Administrative Shutdown');
  const empty = cease(9, 6);
  t.equal(reasonOf(empty), empty);
  t.equal(describeNotification(empty), 'Cease/Hard Reset');
  t.end();
});

t.test('what is too long is cut', (t) => {
  const message = encodeNotification({ code: 7, subcode: 1, data: new Uint8Array(60_000) });
  t.equal(message.length, 4096);
  const reset = hardResetNotification(cease(2, ...new Uint8Array(5000)));
  t.equal(encodeNotification(reset).length, 4096);
  t.equal(decodeNotification(new Uint8Array(60_000)).data.length, 4075);
  t.end();
});

t.test('any text and any octets', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const notification = shutdownNotification(2, text);
      const [message] = readAll([encodeNotification(notification)], fullTerms);
      assert.deepEqual(message?._unsafeUnwrap(), notification);
      const read = shutdownText(notification) ?? '';
      assert.ok(new TextEncoder().encode(read).length <= 3 * 255);
      assert.doesNotMatch(read, /[\p{Cc}\u{202a}-\u{202e}\u{2028}\u{2029}]/u);
    }),
    { numRuns: 500, seed: 1 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(2, 4, 9), (data, subcode) => {
      const text = shutdownText({ type: 'notification', code: 6, subcode, data });
      assert.doesNotMatch(text ?? '', /[\p{Cc}\p{Zl}\p{Zp}]/u);
      assert.ok(describeNotification({ type: 'notification', code: 6, subcode, data }) !== '');
    }),
    { numRuns: 2000, seed: 1 },
  );
  t.end();
});
