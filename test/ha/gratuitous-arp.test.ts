import t from 'tap';
import { gratuitousArpFrame } from '../../src/ha/gratuitous-arp.js';
import { ipAddress } from '../../src/net/address.js';
import { macFromBytes } from '../../src/net/mac.js';
import { goldenPacket } from '../golden/hex.js';

const mac = macFromBytes(Uint8Array.of(2, 0, 0, 0, 0, 1));

t.test('the frame is byte for byte what keepalived sends', (t) => {
  const frame = gratuitousArpFrame(mac, ipAddress('10.77.0.100'));
  t.strictSame(frame, goldenPacket('vrrp/gratuitous-arp'));
  t.end();
});

t.test('there is no ARP for IPv6', (t) => {
  t.throws(() => gratuitousArpFrame(mac, ipAddress('2001:db8::1')), /assertion/);
  t.end();
});
