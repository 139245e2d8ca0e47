// The frame that tells a segment where a virtual address lives now (RFC 5227 section 3, RFC 826):
// an ARP request with sender = target = the address, as keepalived sends it. IPv4 only, sends
// nothing.
import { addressBytes, familyOf, type IpAddress } from '../net/address.js';
import { ByteWriter } from '../net/bytes.js';
import { type MacAddress, macBytes } from '../net/mac.js';

const broadcast = new Uint8Array(6).fill(0xff);
const etherTypeArp = 0x0806;
const hardwareEthernet = 1;
const protocolIpv4 = 0x0800;
const operationRequest = 1;

/** The whole Ethernet frame, 42 bytes; `address` is IPv4. */
export function gratuitousArpFrame(mac: MacAddress, address: IpAddress): Uint8Array {
  if (familyOf(address) !== 'ipv4') throw new Error(`assertion: no ARP for ${address}`);
  const sender = macBytes(mac);
  const protocolAddress = addressBytes(address);
  return new ByteWriter()
    .bytes(broadcast)
    .bytes(sender)
    .u16(etherTypeArp)
    .u16(hardwareEthernet)
    .u16(protocolIpv4)
    .u8(sender.length)
    .u8(protocolAddress.length)
    .u16(operationRequest)
    .bytes(sender)
    .bytes(protocolAddress)
    .bytes(broadcast)
    .bytes(protocolAddress)
    .finish();
}
