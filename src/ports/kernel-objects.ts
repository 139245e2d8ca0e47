// Routes, rules and interfaces that we put into the kernel (rtnetlink), as plain values. Interfaces
// go by name: they get their numbers when the kernel is asked.
import type { Result } from 'neverthrow';
import type { AddressFamily, IpAddress } from '../net/address.js';
import type { MacAddress } from '../net/mac.js';
import type { Prefix } from '../net/prefix.js';
import type { KernelError } from './kernel.js';

export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'unreachable'
  | 'prohibit'
  | 'blackhole'
  | 'throw'
  | 'nat';

/** Properties of the path, RTAX_ in linux/rtnetlink.h, in the kernel's own units. */
export type PathMetric =
  | 'mtu'
  | 'window'
  | 'rtt'
  | 'rttvar'
  | 'ssthresh'
  | 'cwnd'
  | 'advmss'
  | 'reordering'
  | 'hoplimit'
  | 'initcwnd'
  | 'features'
  | 'rto_min'
  | 'initrwnd'
  | 'quickack'
  | 'fastopen_no_cookie';

/** Lightweight tunnels (linux/lwtunnel.h). */
export type Encapsulation =
  | { readonly type: 'mpls'; readonly labels: readonly number[] }
  | {
      readonly type: 'ip' | 'ip6';
      /** 64 bits, in decimals. */
      readonly id: string | null;
      readonly source: IpAddress | null;
      readonly destination: IpAddress | null;
      /** TTL or hop limit, type of service or traffic class. */
      readonly ttl: number | null;
      readonly tos: number | null;
    }
  | { readonly type: 'ila' /** 64 bits, in decimals. */; readonly locator: string };

export type NextHop = {
  readonly gateway: IpAddress | null;
  /** null: the kernel finds it from the gateway. */
  readonly device: string | null;
  /** 1..256; says nothing when there is one hop. */
  readonly weight: number;
  readonly isOnlink: boolean;
  readonly realms: number | null;
  readonly encapsulation: Encapsulation | null;
};

export type KernelRoute = {
  readonly family: AddressFamily;
  readonly type: RouteType;
  /** Of length 0: the default route. */
  readonly destination: Prefix;
  readonly tos: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  /** null: the kernel's own. */
  readonly priority: number | null;
  readonly preferredSource: IpAddress | null;
  readonly expiresSeconds: number | null;
  readonly preference: 'low' | 'medium' | 'high' | null;
  readonly propagatesTtl: boolean | null;
  readonly metrics: Readonly<Partial<Record<PathMetric, number>>>;
  readonly lockedMetrics: readonly PathMetric[];
  readonly congestionControl: string | null;
  /** None for blackhole and the like, several for multipath. */
  readonly hops: readonly NextHop[];
};

export type Range = { readonly first: number; readonly last: number };

export type RuleAction =
  | { readonly type: 'table'; readonly table: number }
  | { readonly type: 'goto'; readonly priority: number }
  | { readonly type: 'nop' | 'blackhole' | 'unreachable' | 'prohibit' }
  /** The table of the VRF that the packet belongs to. */
  | { readonly type: 'l3mdev' };

export type KernelRule = {
  readonly family: AddressFamily;
  /** It is for packets that do not match. */
  readonly isInverted: boolean;
  readonly action: RuleAction;
  /** null: the kernel takes one before those that are there. */
  readonly priority: number | null;
  readonly protocol: number;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly tos: number;
  readonly mark: { readonly value: number; readonly mask: number } | null;
  readonly inputDevice: string | null;
  readonly outputDevice: string | null;
  readonly suppressPrefixLength: number | null;
  readonly suppressGroup: number | null;
  /** 64 bits, in decimals. */
  readonly tunnelId: string | null;
  readonly users: Range | null;
  readonly ipProtocol: number | null;
  readonly sourcePorts: Range | null;
  readonly destinationPorts: Range | null;
  readonly realms: number | null;
};

/** An interface of our own on top of another one. */
export type VirtualLink = {
  readonly name: string;
  /** The interface below. */
  readonly parent: string;
  readonly group: number | null;
  readonly kind:
    | { readonly type: 'macvlan'; readonly mac: MacAddress }
    | { readonly type: 'ipvlan'; readonly mode: 'bridge' | 'private' | 'vepa' };
};

/** An interface as far as it tells whether it is one of ours. */
export type FoundLink = {
  readonly index: number;
  readonly name: string;
  /** "macvlan"; null: a plain interface. */
  readonly kind: string | null;
  readonly parentIndex: number | null;
  readonly mac: MacAddress | null;
};

/**
 * What may have taken a route or a rule of ours: it was deleted itself, or the address or the
 * interface that it needs went or came back (the kernel drops such routes without a word).
 */
export type ObjectNews =
  | {
      readonly type: 'route_deleted';
      readonly family: AddressFamily;
      readonly destination: Prefix;
      readonly table: number;
    }
  | { readonly type: 'rule_deleted'; readonly family: AddressFamily; readonly priority: number }
  | { readonly type: 'address_deleted' | 'link_changed'; readonly linkIndex: number }
  /** Notifications were lost: any of it may have happened. */
  | { readonly type: 'unknown' };

export interface KernelObjects {
  /**
   * Succeeds also when the very same route is there. `replaces`: in place of the route with the
   * same destination, table, priority and type of service; otherwise beside it, in front.
   */
  putRoute(route: KernelRoute, replaces: boolean): Promise<Result<void, KernelError>>;
  /** Succeeds also when it is not there. */
  removeRoute(route: KernelRoute): Promise<Result<void, KernelError>>;
  /** Succeeds also when it is there. */
  putRule(rule: KernelRule): Promise<Result<void, KernelError>>;
  removeRule(rule: KernelRule): Promise<Result<void, KernelError>>;
  foundLinks(): Promise<Result<readonly FoundLink[], KernelError>>;
  /** Makes it, not yet up; fails when there is an interface of that name. */
  makeLink(link: VirtualLink): Promise<Result<void, KernelError>>;
  takeLinkUp(name: string): Promise<Result<void, KernelError>>;
  /** Succeeds also when there are none. */
  removeLinks(names: readonly string[]): Promise<Result<void, KernelError>>;
  /** Returns the stop. */
  watchObjects(heard: (news: ObjectNews) => void): Result<() => void, KernelError>;
}
