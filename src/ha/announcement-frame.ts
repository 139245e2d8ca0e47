// The frame that tells a segment where a virtual address of either family lives now.
import { familyOf, type IpAddress } from '../net/address.js';
import type { FrameSender } from '../ports/packets.js';
import { gratuitousArpFrame } from './gratuitous-arp.js';
import { unsolicitedAdvertisementFrame } from './unsolicited-advertisement.js';

export function announcementFrame(sender: FrameSender, address: IpAddress): Uint8Array {
  return familyOf(address) === 'ipv4'
    ? gratuitousArpFrame(sender.mac, address)
    : unsolicitedAdvertisementFrame(sender, address);
}
