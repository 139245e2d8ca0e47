// dataplane: the DPDK ports, workers, addresses and routes of the packet path (Keelson's own block).
import type { IpAddress } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';

export type PollMode = 'busy' | 'adaptive';

export type DataplanePort = {
  /** Name in the file, in ipvsadm and in dpip: "dpdk0". */
  readonly name: string;
  /** DPDK device arguments: a PCI address "0000:01:00.0" or a vdev "net_af_packet0,iface=eth0". */
  readonly device: string;
  /** The companion interface that the kernel shows: "dpdk0.kni". */
  readonly kniName: string;
  /** 68..9000. */
  readonly mtuBytes: number;
};

export type DataplaneAddress = { readonly prefix: Prefix; readonly device: string };

export type DataplaneRoute = {
  readonly destination: Prefix;
  /** null: directly connected. */
  readonly gateway: IpAddress | null;
  readonly device: string;
};

export type DataplaneConfig = {
  /** 1..64 */
  readonly workers: number;
  /** CPU of each worker, in order; empty: chosen at start. */
  readonly workerCpus: readonly number[];
  readonly poll: PollMode;
  /** Connections per worker, 1024..16777216. */
  readonly connectionsMax: number;
  /** Packet buffers in all, 1024..4194304. */
  readonly packetBuffers: number;
  /** auto: use them when enough are free, else ordinary memory. */
  readonly hugepages: 'auto' | 'on' | 'off';
  readonly ports: readonly DataplanePort[];
  readonly addresses: readonly DataplaneAddress[];
  readonly routes: readonly DataplaneRoute[];
};
