// The frame that tells a segment where a virtual IPv6 address lives now (RFC 4861 sections 4.4 and
// 7.2.6): a neighbour advertisement to all nodes from the address itself, as keepalived sends it.
import { addressBytes, familyOf, type IpAddress, ipAddress } from '../net/address.js';
import { ByteWriter } from '../net/bytes.js';
import { internetChecksum } from '../net/checksum.js';
import { macBytes } from '../net/mac.js';
import type { FrameSender } from '../ports/packets.js';

const allNodes = ipAddress('ff02::1');
const allNodesMac = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);
const etherTypeIpv6 = 0x86dd;
const protocolIcmpv6 = 58;
const typeNeighborAdvertisement = 136;
const hopLimit = 255;
const flagRouter = 0x80;
/** Whoever knows another MAC address is to forget it. */
const flagOverride = 0x20;
const optionTargetAddress = 2;
/** In units of 8 octets. */
const optionLength = 1;

/** The whole Ethernet frame, 86 bytes; `address` is IPv6. */
export function unsolicitedAdvertisementFrame(sender: FrameSender, address: IpAddress): Uint8Array {
  if (familyOf(address) !== 'ipv6') throw new Error(`assertion: no discovery for ${address}`);
  const mac = macBytes(sender.mac);
  const message = (checksum: number): Uint8Array =>
    new ByteWriter()
      .u8(typeNeighborAdvertisement)
      .u8(0)
      .u16(checksum)
      .u8(flagOverride | (sender.isRouter ? flagRouter : 0))
      .bytes(new Uint8Array(3))
      .address(address)
      .u8(optionTargetAddress)
      .u8(optionLength)
      .bytes(mac)
      .finish();
  const unsummed = message(0);
  const pseudoHeader = new ByteWriter()
    .address(address)
    .address(allNodes)
    .u32(unsummed.length)
    .u32(protocolIcmpv6)
    .finish();
  return new ByteWriter()
    .bytes(allNodesMac)
    .bytes(mac)
    .u16(etherTypeIpv6)
    .u32(0x60000000)
    .u16(unsummed.length)
    .u8(protocolIcmpv6)
    .u8(hopLimit)
    .bytes(addressBytes(address))
    .bytes(addressBytes(allNodes))
    .bytes(message(internetChecksum(pseudoHeader, unsummed)))
    .finish();
}
