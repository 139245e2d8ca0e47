import t from 'tap';
import { multicastAddress } from '../../src/config/multicast-address.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('224/4 and ff00::/8', (t) => {
  for (const [family, words] of [
    ['ipv4', '224.0.0.0'],
    ['ipv4', '239.255.255.255'],
    ['ipv6', 'ff00::'],
    ['ipv6', 'ff02::12'],
    ['any', '224.0.0.81'],
    ['any', 'ff02::81'],
  ] as const) {
    t.equal(valueAs(multicastAddress(family), words), words);
  }
  t.end();
});

t.test('others, and those of the other family', (t) => {
  for (const [family, words, expected] of [
    ['ipv4', '223.255.255.255', 'an IPv4 multicast address'],
    ['ipv4', '240.0.0.0', 'an IPv4 multicast address'],
    ['ipv4', 'ff02::12', 'an IPv4 multicast address'],
    ['ipv6', 'fe80::1', 'an IPv6 multicast address'],
    ['ipv6', '224.0.0.18', 'an IPv6 multicast address'],
    ['any', '10.0.0.1', 'a multicast address'],
    ['any', 'group', 'a multicast address'],
  ] as const) {
    t.same(readAs(multicastAddress(family), words).complaints, [
      `5: error: "${words}" is not what key takes: ${expected}`,
    ]);
  }
  t.end();
});
