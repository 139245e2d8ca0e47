import t from 'tap';
import { ipAddress } from '../../src/net/address.js';
import {
  describePrefixError,
  formatPrefix,
  networkOf,
  parsePrefix,
  prefixContains,
} from '../../src/net/prefix.js';

const prefix = (text: string) => parsePrefix(text)._unsafeUnwrap();

t.test('a prefix keeps its host bits and knows its network', (t) => {
  t.equal(formatPrefix(prefix('192.0.2.77/24')), '192.0.2.77/24');
  t.equal(formatPrefix(networkOf(prefix('192.0.2.77/20'))), '192.0.0.0/20');
  t.equal(formatPrefix(networkOf(prefix('2001:db8:ffff::1/33'))), '2001:db8:8000::/33');
  t.equal(formatPrefix(prefix('192.0.2.1')), '192.0.2.1/32');
  t.equal(formatPrefix(prefix('::1')), '::1/128');
  t.end();
});

t.test('bad lengths and addresses are named', (t) => {
  const sentence = (text: string) => describePrefixError(parsePrefix(text)._unsafeUnwrapErr());
  t.equal(sentence('192.0.2.1/33'), '"33" is not a prefix length between 0 and 32');
  t.equal(sentence('::1/129'), '"129" is not a prefix length between 0 and 128');
  t.equal(sentence('192.0.2.1/'), '"" is not a prefix length between 0 and 32');
  t.equal(sentence('192.0.2.1/ 8'), '" 8" is not a prefix length between 0 and 32');
  t.equal(sentence('192.0.2/24'), '"192.0.2" is not an IP address');
  t.end();
});

t.test('containment stops at the boundary and at the family', (t) => {
  t.ok(prefixContains(prefix('10.0.0.0/8'), ipAddress('10.255.255.255')));
  t.notOk(prefixContains(prefix('10.0.0.0/8'), ipAddress('11.0.0.0')));
  t.ok(prefixContains(prefix('0.0.0.0/0'), ipAddress('203.0.113.9')));
  t.notOk(prefixContains(prefix('0.0.0.0/0'), ipAddress('::1')));
  t.end();
});
