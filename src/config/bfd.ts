// What a BFD session is made of (RFC 5880, 5881, 5883), with every default filled in.
import type { IpAddress } from '../net/address.js';

export type BfdSettings = {
  readonly neighbor: IpAddress;
  /** null: the kernel chooses. */
  readonly source: IpAddress | null;
  /** Of a neighbour with a link-local address, or where the operator binds it; null: any. */
  readonly interface: string | null;
  /** RFC 5883, port 4784; else RFC 5881, port 3784. */
  readonly isMultihop: boolean;
  /** TTL or hop limit of what is sent, 1..255. */
  readonly sentHops: number;
  /** Hops that a packet may have taken: it arrives with 255 - hopsMax or more; null: any. */
  readonly hopsMax: number | null;
  /** Milliseconds, 1 and more. */
  readonly minRxMs: number;
  readonly minTxMs: number;
  /** While the session is not Up, 1000 and more. */
  readonly idleTxMs: number;
  /** 1..255. */
  readonly multiplier: number;
  /** Sends nothing until the neighbour does. */
  readonly isPassive: boolean;
};

/** A bfd_instance of the file. */
export type BfdInstance = {
  readonly name: string;
  readonly settings: BfdSettings;
};
