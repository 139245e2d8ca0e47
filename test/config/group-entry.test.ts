import t from 'tap';
import { addressesOf, contains, groupEntry, spanMax } from '../../src/config/group-entry.js';
import { ipAddress } from '../../src/net/address.js';
import { readAs, valueAs } from './phrase-text.js';

function spanOf(words: string) {
  const entry = valueAs(groupEntry, words);
  if (entry?.type !== 'addresses') throw new Error(`assertion: "${words}" is right`);
  return entry.span;
}

t.test('lines print as they were written', (t) => {
  const same = [
    '192.0.2.1 80',
    '192.0.2.1',
    '192.0.2.1-9 80',
    '192.0.2.250-192.0.3.5 80',
    '192.0.2.0/24 443',
    '192.0.2.9/32',
    '2001:db8::1-ff 80',
    '2001:db8::/64 80',
    '2001:db8::1-2001:db8::1:1',
    'fwmark 5',
    'fwmark 0 inet6',
  ];
  for (const words of same) t.equal(readAs(groupEntry, words).written, words);
  t.equal(readAs(groupEntry, '192.0.2.1-192.0.2.9 80').written, '192.0.2.1-9 80');
  t.equal(readAs(groupEntry, '192.0.2.1-192.0.2.1 0').written, '192.0.2.1');
  t.equal(readAs(groupEntry, '2001:db8::1-2001:DB8::FF').written, '2001:db8::1-ff');
  t.end();
});

t.test('values', (t) => {
  t.same(valueAs(groupEntry, '192.0.2.1-9 80'), {
    type: 'addresses',
    span: { first: '192.0.2.1', last: '192.0.2.9', length: null },
    port: 80,
  });
  t.same(spanOf('192.0.2.64/26'), { first: '192.0.2.64', last: '192.0.2.127', length: 26 });
  t.same(valueAs(groupEntry, 'fwmark 5 inet'), { type: 'fwmark', mark: 5, family: 'inet' });
  t.equal(valueAs(groupEntry, 'fwmark 5 inet6')?.type, 'fwmark');
  t.end();
});

t.test('wrong lines', (t) => {
  const wrong = [
    '192.0.2.10-9',
    '192.0.2.10-10',
    '192.0.2.10-256',
    '192.0.2.10-192.0.2.9',
    '192.0.2.10-2001:db8::1',
    '192.0.2.10-',
    '192.0.2.10/24',
    '192.0.2.0/33',
    '0.0.0.0/0',
    '192.0.2.0/',
    '2001:db8::1-g',
    '2001:db8::1-10000',
    'x',
  ];
  for (const words of wrong) {
    t.match(readAs(groupEntry, words).complaints, [/^5: error: .* a network like 192/], words);
  }
  t.match(readAs(groupEntry, '192.0.2.1 x').complaints, [/^15: error: .*0-65535$/]);
  t.match(readAs(groupEntry, 'fwmark').complaints, [/^1: fatal: /]);
  t.match(readAs(groupEntry, 'fwmark 5 ipv4').complaints, [/^14: error: .* inet or inet6$/]);
  t.end();
});

t.test('the addresses of a line, unless they are too many', (t) => {
  t.same(addressesOf(spanOf('192.0.2.254-192.0.3.1')), [
    '192.0.2.254',
    '192.0.2.255',
    '192.0.3.0',
    '192.0.3.1',
  ]);
  t.same(addressesOf(spanOf('2001:db8::ffff-2001:db8::1:0')), ['2001:db8::ffff', '2001:db8::1:0']);
  t.equal(addressesOf(spanOf('10.0.0.0/16'))?.length, spanMax);
  t.equal(addressesOf(spanOf('10.0.0.0/15')), null);
  t.equal(addressesOf(spanOf('2001:db8::/32')), null);
  t.end();
});

t.test('whether an address is in a line', (t) => {
  const isIn = (words: string, address: string) => contains(spanOf(words), ipAddress(address));
  t.equal(isIn('10.0.0.0/8', '10.255.255.255'), true);
  t.equal(isIn('10.0.0.0/8', '11.0.0.0'), false);
  t.equal(isIn('192.0.2.1-9', '192.0.2.1'), true);
  t.equal(isIn('192.0.2.1-9', '192.0.2.10'), false);
  t.equal(isIn('192.0.2.1-9', '2001:db8::5'), false);
  t.end();
});
