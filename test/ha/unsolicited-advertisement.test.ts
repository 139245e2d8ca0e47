import t from 'tap';
import { announcementFrame } from '../../src/ha/announcement-frame.js';
import { unsolicitedAdvertisementFrame } from '../../src/ha/unsolicited-advertisement.js';
import { addressBytes, ipAddress } from '../../src/net/address.js';
import { internetChecksum } from '../../src/net/checksum.js';
import { macFromBytes } from '../../src/net/mac.js';
import { goldenPacket } from '../golden/hex.js';

const mac = macFromBytes(Uint8Array.of(2, 0, 0, 0, 0, 1));
const host = { mac, isRouter: false };
const address = ipAddress('fe80::100');

t.test('the frame is byte for byte what keepalived sends', (t) => {
  const golden = goldenPacket('vrrp/unsolicited-advertisement');
  t.strictSame(unsolicitedAdvertisementFrame(host, address), golden);
  t.end();
});

t.test('a router says that it is one', (t) => {
  const frame = unsolicitedAdvertisementFrame({ mac, isRouter: true }, address);
  t.equal(frame[58], 0xa0);
  const pseudoHeader = [...frame.subarray(22, 54), 0, 0, 0, 32, 0, 0, 0, 58];
  t.equal(internetChecksum(Uint8Array.from(pseudoHeader), frame.subarray(54)), 0);
  t.end();
});

t.test('each family has its own frame', (t) => {
  t.strictSame(announcementFrame(host, address), unsolicitedAdvertisementFrame(host, address));
  const ipv4 = announcementFrame(host, ipAddress('10.77.0.100'));
  t.strictSame(ipv4, goldenPacket('vrrp/gratuitous-arp'));
  const other = ipAddress('2001:db8::7');
  t.strictSame(announcementFrame(host, other).subarray(22, 38), addressBytes(other));
  t.throws(() => unsolicitedAdvertisementFrame(host, ipAddress('10.0.0.1')), /assertion/);
  t.end();
});
