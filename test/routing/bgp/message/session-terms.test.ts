// What two OPEN messages agree to: nothing that only one of them has.
import t from 'tap';
import { ipAddress } from '../../../../src/net/address.js';
import type { Capability, Open } from '../../../../src/routing/bgp/message/message.js';
import { agreedTerms, initialTerms } from '../../../../src/routing/bgp/message/session-terms.js';
import { fullTerms } from './messages.js';

const open = (...capabilities: Capability[]): Open => ({
  type: 'open',
  as: 65_001,
  holdS: 9,
  identifier: ipAddress('10.0.0.1'),
  capabilities,
});
const four = { type: 'multiprotocol', family: 'ipv4' } as const;
const six = { type: 'multiprotocol', family: 'ipv6' } as const;
const all = [
  four,
  six,
  { type: 'route_refresh' },
  { type: 'enhanced_route_refresh' },
  { type: 'extended_message' },
  { type: 'extended_next_hop' },
  { type: 'four_octet_as', as: 65_001 },
] as const;

t.test('both or nothing', (t) => {
  t.strictSame(agreedTerms(open(...all), open(...all)), {
    ...fullTerms,
    hasExtendedNextHop: true,
    messageOctetsMax: 65_535,
  });
  const bare = { ...initialTerms, families: ['ipv4'] };
  t.strictSame(agreedTerms(open(...all), open()), bare, 'RFC 4271 alone');
  t.strictSame(agreedTerms(open(), open(...all)), bare);
  for (const missing of all.slice(2)) {
    const rest = all.filter((one) => one !== missing);
    const terms = agreedTerms(open(...all), open(...rest));
    t.strictSame(terms, agreedTerms(open(...rest), open(...all)), missing.type);
    t.notSame(terms, agreedTerms(open(...all), open(...all)), missing.type);
  }
  t.end();
});

t.test('families', (t) => {
  const families = (ours: Capability[], theirs: Capability[]) =>
    agreedTerms(open(...ours), open(...theirs)).families;
  t.strictSame(families([four, six], [six, four]), ['ipv4', 'ipv6']);
  t.strictSame(families([four, six], [six]), ['ipv6']);
  t.strictSame(families([six], [four]), []);
  t.strictSame(families([six], []), [], 'who names none speaks of IPv4');
  const evpn = { type: 'unknown', code: 1, value: Uint8Array.of(0, 25, 0, 70) } as const;
  t.strictSame(families([four], [evpn]), [], 'but not who names another');
  t.strictSame(families([four, four], [four]), ['ipv4']);
  t.end();
});
