// What can be said of a service and of its servers, in the words of ipvsadm, keepalived and DPVS:
// the same from a file or a command line to the socket and the addon (native/service.h), with the
// defaults. The order of the words is that of the enums there.
import type { AddressFamily, IpAddress } from './address.js';

export const schedulers = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'sed',
  'nq',
  'fo',
  'ovf',
  'sh',
  'dh',
  'mh',
  'conhash',
  'lblc',
  'lblcr',
] as const;
export type Scheduler = (typeof schedulers)[number];

/** FNAT: addresses of ours to the server; SNAT: of a match, the "server" is an address of ours. */
export const forwardingMethods = ['FNAT', 'NAT', 'DR', 'TUN', 'SNAT'] as const;
export type ForwardingMethod = (typeof forwardingMethods)[number];

export const transportProtocols = ['TCP', 'UDP', 'SCTP'] as const;
export type TransportProtocol = (typeof transportProtocols)[number];
/** Those of ICMP are for a match only. */
export const protocols = [...transportProtocols, 'ICMP', 'ICMPV6'] as const;
export type Protocol = (typeof protocols)[number];

export const hashTargets = ['sip', 'qid'] as const;
export const proxyProtocols = ['disable', 'v1', 'v2', 'v1-insecure', 'v2-insecure'] as const;
export type ProxyProtocol = (typeof proxyProtocols)[number];

/** Primes, as the kernel's mh has them. */
export const maglevSlotCounts = [
  251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071,
] as const;

export type Persistence = {
  readonly seconds: number;
  /** Clients that have these first bits in common stay together: 1..32 of IPv4, 1..128 of IPv6. */
  readonly bits: number;
};
export const persistenceSecondsDefault = 360;
/** 31 days, as the kernel has it. */
export const persistenceSecondsMax = 2_678_400;

/** Of a timeout; DPVS's bound, a year. */
export const timeoutSecondsMax = 31_535_999;
export const establishedSecondsMax = 3600;
export const countMax = 4_294_967_295;

export const clientAddresses = ['toa', 'uoa', 'off'] as const;

export type ServiceOptions = {
  readonly scheduler: Scheduler;
  /** sh, mh: by the client's port, too. */
  readonly hashesPort: boolean;
  /** sh, mh: to another server in the place of one that takes none. */
  readonly hashFallsBack: boolean;
  /** conhash: by the source address, or by the connection identifier of QUIC. */
  readonly hashTarget: (typeof hashTargets)[number];
  /** null: not persistent. */
  readonly persistence: Persistence | null;
  /** UDP: each datagram is scheduled for itself. */
  readonly isOnePacket: boolean;
  /** The connection identifier says the server. */
  readonly isQuic: boolean;
  /** Connections to a server end when its weight becomes 0. */
  readonly expiresQuiescent: boolean;
  readonly proxyProtocol: ProxyProtocol;
  /**
   * FNAT: how servers learn the client. "toa": by an option of TCP, which servers that do not know
   * it leave alone; "uoa": UDP as well, for servers that know UOA, as others drop what carries it.
   */
  readonly clientAddress: (typeof clientAddresses)[number];
  /** A TOA option that a client sends is passed on. */
  readonly keepsClientToa: boolean;
  /** Where no server takes it: RST or ICMP unreachable, instead of silence. */
  readonly rejects: boolean;
  /** Of established connections; null: as for all services. */
  readonly establishedSeconds: number | null;
  /** mh; null: as the data plane chooses. */
  readonly maglevSlots: number | null;
  /** At a time; null: no limit. */
  readonly connectionsMax: number | null;
};

export const serviceDefaults: ServiceOptions = {
  scheduler: 'wlc',
  hashesPort: false,
  hashFallsBack: false,
  hashTarget: 'sip',
  persistence: null,
  isOnePacket: false,
  isQuic: false,
  expiresQuiescent: false,
  proxyProtocol: 'disable',
  clientAddress: 'toa',
  keepsClientToa: false,
  rejects: false,
  establishedSeconds: null,
  maglevSlots: null,
  connectionsMax: null,
};

export const tunnelTypes = ['ipip', 'gre', 'gue'] as const;

export type Tunnel = {
  readonly type: (typeof tunnelTypes)[number];
  /** UDP port of gue; 0: another type. */
  readonly port: number;
  /** In the outer header of gre and gue. */
  readonly hasChecksum: boolean;
};

export type ServerOptions = {
  readonly method: ForwardingMethod;
  /** null: another method than TUN. */
  readonly tunnel: Tunnel | null;
  /** 0..65535; 0 takes no new connections. */
  readonly weight: number;
  /** From this many connections on it gets no new ones; 0: no limit. */
  readonly upperThreshold: number;
  /** Below this many it gets new ones again; 0: three quarters of the upper one. */
  readonly lowerThreshold: number;
};

export const weightMax = 65_535;

export const serverDefaults: ServerOptions = {
  method: 'NAT',
  tunnel: null,
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
};

export const plainTunnel: Tunnel = { type: 'ipip', port: 0, hasChecksum: false };

/** Addresses and ports of packets, both ends included; null: any. */
export type TrafficRange = {
  readonly addresses: { readonly first: IpAddress; readonly last: IpAddress } | null;
  readonly ports: { readonly first: number; readonly last: number } | null;
};

/** DPVS: a service for packets that are for nobody here. null: any. */
export type Match = {
  readonly family: AddressFamily;
  readonly source: TrafficRange | null;
  readonly destination: TrafficRange | null;
  /** Names of ports. */
  readonly inDevice: string | null;
  readonly outDevice: string | null;
};

/**
 * Whether two objects say the same in these members, and in all members of what stands there.
 */
export function areSame<T extends object>(left: T, right: T, names: readonly (keyof T)[]): boolean {
  return left === right || names.every((name) => isSame(left[name], right[name]));
}

function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (left === null || right === null) return false;
  return areSame(left, right, Object.keys(right) as never[]);
}
