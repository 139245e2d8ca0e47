// virtual_server, virtual_server_group and real_server.
import type { Endpoint } from '../net/address.js';
import type { TcpCheck } from './checker.js';

export type Scheduler = 'rr' | 'wrr';
export type ForwardingMethod = 'FNAT';
export type TransportProtocol = 'TCP' | 'UDP';

export type RealServer = {
  readonly endpoint: Endpoint;
  /** 0..65535; 0 takes no new connections. */
  readonly weight: number;
  /** true: a failed server stays with weight 0 instead of being removed. */
  readonly inhibitsOnFailure: boolean;
  readonly checkers: readonly TcpCheck[];
};

export type VirtualServerGroup = { readonly name: string; readonly endpoints: readonly Endpoint[] };

export type VirtualServer = {
  /** What the file calls it: "192.0.2.100 80" or "group web". */
  readonly name: string;
  /** One, or all of its virtual_server_group. */
  readonly endpoints: readonly Endpoint[];
  readonly protocol: TransportProtocol;
  readonly scheduler: Scheduler;
  readonly method: ForwardingMethod;
  /** Default interval of the checkers. */
  readonly delayLoopMs: number;
  /** Name of the local_address_group; decode guarantees that it exists. */
  readonly localAddressGroup: string;
  readonly realServers: readonly RealServer[];
};
