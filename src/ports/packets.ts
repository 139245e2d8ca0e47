// Raw packets: datagrams of an IP protocol, either family, with a source and a TTL of our choice,
// and Ethernet frames (sent only).
import type { Result } from 'neverthrow';
import type { AddressFamily, IpAddress } from '../net/address.js';
import type { MacAddress } from '../net/mac.js';

export type PacketError = {
  readonly type: 'packets.failed';
  /** The call that failed, e.g. "join 224.0.0.18 on eth0". */
  readonly action: string;
  /** The operating system's reason, e.g. "Operation not permitted". */
  readonly reason: string;
};

export type Datagram = {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL or hop limit as received. */
  readonly hops: number;
  /** IP protocol: 112, or 51 where authentication headers are heard. */
  readonly protocol: number;
  /** What follows the IP header, checksums of the payload not looked at; for the receiver to keep. */
  readonly payload: Uint8Array;
  /** What the IPv4 header says of its own length, less the header; in IPv6 the payload's length. */
  readonly statedBytes: number;
};

export type DatagramSocketOptions = {
  readonly family: AddressFamily;
  /** null: whatever interface the routes say; then there are no groups. */
  readonly interface: string | null;
  /** IP protocol numbers, 112 for VRRP. */
  readonly protocols: readonly number[];
  /** Multicast groups joined on the interface. */
  readonly groups: readonly IpAddress[];
  /** null: as the system has it. */
  readonly receiveBufferBytes: number | null;
};

export type Departure = {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL or hop limit, 1..255. */
  readonly hops: number;
  /** One of those that the socket was opened with. */
  readonly protocol: number;
};

/** Who sends frames on an interface. */
export type FrameSender = {
  readonly mac: MacAddress;
  /** IPv6 packets are forwarded there: advertisements must not deny it. */
  readonly isRouter: boolean;
};

/** Multicast that this host sends is not heard by itself. */
export interface DatagramSocket {
  /** The IP header is made here; checksums inside of `payload` are the caller's, also in IPv6. */
  send(payload: Uint8Array, departure: Departure): Result<void, PacketError>;
  close(): void;
}

export interface Packets {
  openDatagrams(
    options: DatagramSocketOptions,
    received: (datagram: Datagram) => void,
  ): Result<DatagramSocket, PacketError>;
  /** null: frames on that interface have no Ethernet addresses. */
  frameSender(interfaceName: string): Result<FrameSender | null, PacketError>;
  /** `frame` starts with its Ethernet header. */
  sendFrame(interfaceName: string, frame: Uint8Array): Result<void, PacketError>;
}

export function describePacketError(error: PacketError): string {
  return `cannot ${error.action}: ${error.reason}`;
}
