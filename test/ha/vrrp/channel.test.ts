import t from 'tap';
import { virtualRouterIdOf } from '../../../src/ha/vrrp/channel.js';
import { ipAddress } from '../../../src/net/address.js';

const source = ipAddress('10.0.0.1');

function of(protocol: number, ...octets: number[]): number | null {
  const payload = Uint8Array.from(octets);
  const header = { source, destination: source, hops: 255, identification: 1 };
  return virtualRouterIdOf({ ...header, protocol, payload, statedBytes: payload.length });
}

t.test('the virtual router is the second octet, behind an authentication header if any', (t) => {
  t.equal(of(112, 0x31, 51, 150), 51);
  t.equal(of(112, 0x31), null);
  t.equal(of(112), null);
  const header = [112, 4, ...Array.from({ length: 22 }, () => 0)];
  t.equal(of(51, ...header, 0x21, 52), 52);
  t.equal(of(51, ...header, 0x21), null);
  t.equal(of(51, 112, 255), null, 'longer than it is');
  t.equal(of(51), null);
  t.end();
});
