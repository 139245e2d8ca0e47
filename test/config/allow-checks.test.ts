import t from 'tap';
import { checkAllow } from '../../src/config/allow-checks.js';
import { Report } from '../../src/config/diagnostic.js';
import { parsePrefix } from '../../src/net/prefix.js';

const position = { file: 'k.conf', line: 4, column: 1 };

function said(
  text: string,
  carried: 'ipv4' | 'ipv6' | null,
  ge: number | null = null,
  le: number | null = null,
): readonly string[] {
  const prefix = parsePrefix(text)._unsafeUnwrap();
  const report = new Report();
  checkAllow([{ value: [{ value: { prefix, ge, le }, position }], position }], carried, report);
  return report.diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
}

t.test('what is carried', (t) => {
  t.same(said('203.0.113.0/24', 'ipv4'), []);
  t.same(said('203.0.113.0/24', null), []);
  t.same(said('2001:db8::/32', null), []);
  t.same(said('2001:db8::/32', 'ipv4'), ['error: 2001:db8:: is not IPv4, which OSPFv2 carries']);
  t.same(said('203.0.113.0/24', 'ipv6'), ['error: 203.0.113.0 is not IPv6, which OSPFv3 carries']);
  t.end();
});

t.test('lengths', (t) => {
  t.same(said('203.0.113.0/24', null, 32, 32), []);
  t.same(said('203.0.113.0/24', null, 32, 28), [
    'error: nothing has 32 bits or more and 28 or fewer; swap ge and le',
  ]);
  t.end();
});

t.test('the default route', (t) => {
  const sentence = 'would let the default route be announced; name your own prefixes, or add ge';
  t.same(said('0.0.0.0/0', null), [`error: 0.0.0.0/0 ${sentence} 32`]);
  t.same(said('::/0', null, 0, 128), [`error: ::/0 ${sentence} 128`]);
  t.same(said('0.0.0.0/0', null, 8), []);
  t.end();
});
