// Raw packets: whole IPv4 datagrams of one protocol on one interface, and Ethernet frames (sent
// only).
import type { Result } from 'neverthrow';
import type { IpAddress } from '../net/address.js';

export type PacketError = {
  readonly type: 'packets.failed';
  /** The call that failed, e.g. "join 224.0.0.18 on eth0". */
  readonly action: string;
  /** The operating system's reason, e.g. "Operation not permitted". */
  readonly reason: string;
};

export type DatagramSocketOptions = {
  readonly interface: string;
  /** IP protocol number, 112 for VRRP. */
  readonly protocol: number;
  /** Multicast groups joined on the interface. */
  readonly groups: readonly IpAddress[];
};

/**
 * Datagrams are whole: IPv4 header first. Multicast that this host sends is not heard by itself.
 */
export interface DatagramSocket {
  /** `datagram` carries its own IPv4 header; the kernel fills in the header checksum and length. */
  send(datagram: Uint8Array, destination: IpAddress): Result<void, PacketError>;
  close(): void;
}

export interface Packets {
  /** `received` gets a copy that it may keep. */
  openDatagrams(
    options: DatagramSocketOptions,
    received: (datagram: Uint8Array, source: IpAddress) => void,
  ): Result<DatagramSocket, PacketError>;
  /** `frame` starts with its Ethernet header. */
  sendFrame(interfaceName: string, frame: Uint8Array): Result<void, PacketError>;
}

export function describePacketError(error: PacketError): string {
  return `cannot ${error.action}: ${error.reason}`;
}
