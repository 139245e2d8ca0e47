// UDP with the hops that a datagram has left and the interface that it came over, as BFD needs it.
import type { Result } from 'neverthrow';
import type { AddressFamily, IpAddress } from '../net/address.js';
import type { PacketError } from './packets.js';

export type HopDatagram = {
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly destination: IpAddress;
  readonly interface: string;
  /** TTL or hop limit. */
  readonly hops: number;
  /** A copy. */
  readonly payload: Uint8Array;
};

export type HopListenerOptions = {
  readonly family: AddressFamily;
  readonly port: number;
};

export type HopSenderOptions = {
  readonly family: AddressFamily;
  /** null: the kernel chooses. */
  readonly source: IpAddress | null;
  readonly sourcePort: number;
  readonly interface: string | null;
  readonly destination: IpAddress;
  readonly destinationPort: number;
  readonly hops: number;
};

export interface HopSender {
  send(payload: Uint8Array): Result<void, PacketError>;
  close(): void;
}

export interface HopDatagrams {
  /** Of all addresses and interfaces. */
  listen(
    options: HopListenerOptions,
    received: (datagram: HopDatagram) => void,
  ): Result<{ close(): void }, PacketError>;
  /** A socket of its own with a fixed source port; what arrives there is dropped. */
  openSender(options: HopSenderOptions): Result<HopSender, PacketError>;
}
