// What a BGP speaker is made of (RFC 4271), with templates resolved and every default filled in.
import type { AddressFamily, IpAddress } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';
import type { BfdSettings } from './bfd.js';

/** Path attributes that the operator chooses. Communities as the file writes them. */
export type RouteAttributes = {
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
  readonly extendedCommunities: readonly string[];
  /** null: not sent. */
  readonly med: number | null;
  /** Sent inside our own AS alone; null: 100. */
  readonly localPreference: number | null;
  /** Our own AS so often in front of itself, 0..32. */
  readonly prepends: number;
  /** At most one of each family; null: our end of the session. */
  readonly nextHop: { readonly ipv4: IpAddress | null; readonly ipv6: IpAddress | null };
};

/** Prefixes inside `prefix` of `lengthMin` to `lengthMax` bits. */
export type AllowedPrefix = {
  readonly prefix: Prefix;
  readonly lengthMin: number;
  readonly lengthMax: number;
};

export type CommunityKind = 'standard' | 'large' | 'extended';

export type BgpNeighbor = {
  readonly address: IpAddress;
  readonly description: string | null;
  /** 'external': any AS but ours. */
  readonly remoteAs: number | 'external';
  readonly isInternal: boolean;
  /** Stays down; the text is told to the neighbour (RFC 9003); null: it runs. */
  readonly shutdown: { readonly text: string } | null;
  /** Key of TCP-MD5 (RFC 2385). */
  readonly password: string | null;
  /** TTL or hop limit that we send with, 1..255. */
  readonly sentHops: number;
  /** Packets with less are dropped by the kernel (RFC 5082); null: any. */
  readonly hopsMin: number | null;
  readonly port: number;
  readonly source: IpAddress | null;
  readonly interface: string | null;
  readonly isPassive: boolean;
  readonly keepaliveMs: number;
  /** 0: none. */
  readonly holdMs: number;
  readonly connectRetryMs: number;
  /** `instance`: a bfd_instance of the file, or null for a session of its own. */
  readonly bfd: { readonly instance: string | null; readonly settings: BfdSettings } | null;
  /** Restart time in seconds; null: graceful restart is not offered. */
  readonly gracefulRestartS: number | null;
  /** Received; null: any number. */
  readonly prefixesMax: number | null;
  readonly prefixesOutMax: number;
  readonly sendsCommunities: readonly CommunityKind[];
  readonly hasExtendedNextHop: boolean;
  readonly families: readonly AddressFamily[];
  readonly attributes: RouteAttributes;
  /** Its own and the instance's. */
  readonly allowed: readonly AllowedPrefix[];
};

export type BgpInstance = {
  readonly name: string;
  readonly localAs: number;
  /** As an IPv4 address; null: an IPv4 address of the host, chosen when it starts. */
  readonly routerId: IpAddress | null;
  /** 'any': all addresses of both families; null: we only connect. */
  readonly listen: IpAddress | 'any' | null;
  readonly neighbors: readonly BgpNeighbor[];
  /** How long GRACEFUL_SHUTDOWN is announced before a stop. */
  readonly gracefulShutdownMs: number;
  readonly logsNeighborChanges: boolean;
};
