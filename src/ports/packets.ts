// Raw packets: IP datagrams of some protocols, in and out, and Ethernet frames (sent only).
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

/** As it arrived. */
export type Datagram = {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL or hop limit. */
  readonly hops: number;
  readonly protocol: number;
  /** Of the IPv4 header; 0 in IPv6. */
  readonly identification: number;
  /** What follows the IP header. A copy. */
  readonly payload: Uint8Array;
  /** What the IPv4 header says of the length of the payload; payload.length in IPv6. */
  readonly statedBytes: number;
};

export type DatagramSocketOptions = {
  readonly family: AddressFamily;
  /** null: any, for unicast. */
  readonly interface: string | null;
  /** IP protocol numbers: 112 for VRRP, 51 for an authentication header. */
  readonly protocols: readonly number[];
  /** Multicast groups joined on the interface. */
  readonly groups: readonly IpAddress[];
  /** null: as the kernel has it. */
  readonly receiveBufferBytes: number | null;
  /** Without it the datagrams of all channels arrive. */
  readonly channel?: DatagramChannel;
};

/** Which datagrams of a socket that many share are for one of them. */
export type DatagramChannel = {
  readonly number: number;
  /** The same function for all who share; null: everybody is to have it. */
  readonly numberOf: (datagram: Datagram) => number | null;
};

/** How a payload leaves. */
export type Departure = {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly hops: number;
  readonly protocol: number;
  /** Of the IPv4 header, 1..65535. */
  readonly identification: number;
};

/** Who sends frames on an interface. */
export type FrameSender = {
  readonly mac: MacAddress;
  /** IPv6 packets are forwarded there: advertisements must not deny it. */
  readonly isRouter: boolean;
};

/** Multicast that this host sends is not heard by itself. */
export interface DatagramSocket {
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
