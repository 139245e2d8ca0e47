import t from 'tap';
import type { AddressFamily } from '../../../src/net/address.js';
import { ReceivedPrefixes } from '../../../src/routing/bgp/received-prefixes.js';

const update = (announced: number, endOfRib: AddressFamily | null = null) =>
  ({ type: 'update', announced, withdrawn: 0, endOfRib, complaint: null }) as const;

t.test('the first set is counted, until its end or for a minute', (t) => {
  const received = new ReceivedPrefixes();
  received.begin(['ipv4', 'ipv6'], 1000);
  t.equal(received.count(update(6), 10, 1000), false);
  t.equal(received.count(update(0, 'ipv4'), 10, 1000), false);
  t.equal(received.count(update(4), 10, 1000), false, 'as many as it may');
  t.equal(received.count(update(1), 10, 1000), true);
  received.begin(['ipv4'], 2000);
  received.count(update(9), 10, 2000);
  received.count(update(0, 'ipv4'), 10, 2000);
  t.equal(received.count(update(50), 10, 2000), false, 'what comes later may be the same again');
  received.begin(['ipv4'], 3000);
  t.equal(received.count(update(50), null, 3000), false, 'no limit');
  t.equal(received.count(update(50), 10, 63_001), false);
  t.end();
});
