// The routers that ours is tried against: what all four of them (FRR, BIRD, GoBGP, ExaBGP) can be
// asked for in a namespace, in one small vocabulary. bgp-frr.ts and its like speak their languages.
import type { Namespaces } from '../../scripts/lab/namespaces.js';

export type Family = 'ipv4' | 'ipv6';

export type RouterNeighbor = {
  readonly address: string;
  readonly remoteAs: number;
  /** Of a link-local address. */
  readonly interface: string | null;
  readonly source: string | null;
  readonly families: readonly Family[];
  /** IPv4 prefixes over IPv6 next hops (RFC 8950). */
  readonly hasExtendedNextHop: boolean;
  readonly password: string | null;
  /** RFC 5082, or a number of hops for a neighbour that is not on the link. */
  readonly hops: 'direct' | 'gtsm' | number;
  readonly isPassive: boolean;
  /** Interval in milliseconds, three of them; null: no BFD. GoBGP and ExaBGP have none. */
  readonly bfdMs: number | null;
  readonly gracefulRestartS: number | null;
};

export type RouterRoute = {
  readonly prefix: string;
  /** null: the router itself. ExaBGP and GoBGP must be told. */
  readonly nextHop: string | null;
  /** As "65000:1". */
  readonly communities: readonly string[];
};

export type RouterOptions = {
  readonly namespaces: Namespaces;
  /** The name of its namespace. */
  readonly node: string;
  /** Its own, for configuration, sockets and logs; it is removed with the lab. */
  readonly folder: string;
  readonly localAs: number;
  readonly routerId: string;
  readonly neighbors: readonly RouterNeighbor[];
  readonly routes: readonly RouterRoute[];
  /** So many equal routes of neighbours are used together, of any AS; FRR alone is told. */
  readonly pathsMax?: number;
};

/** As the router prints it: communities in its own words. */
export type LearnedRoute = {
  readonly nextHops: readonly string[];
  readonly asPath: string;
  readonly origin: string;
  readonly med: number | null;
  readonly localPreference: number | null;
  readonly communities: string;
  readonly largeCommunities: string;
  readonly extendedCommunities: string;
};

export type NeighborFacts = {
  readonly isEstablished: boolean;
  /** In the router's own words: state, last error, shutdown text, capabilities. */
  readonly text: string;
};

export interface BgpRouter {
  readonly name: string;
  /** Returns when it answers. */
  start(): Promise<void>;
  /** `SIGKILL`: a crash. It may be started again. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  neighbor(address: string): Promise<NeighborFacts>;
  /** Prefixes that it knows over BGP. */
  prefixes(family: Family): Promise<readonly string[]>;
  route(prefix: string): Promise<LearnedRoute | null>;
  /** `null`: there is no BFD session with that neighbour. */
  bfd(address: string): Promise<'up' | 'down' | null>;
  announce(route: RouterRoute): Promise<void>;
  withdraw(prefix: string): Promise<void>;
  /** Asks the neighbour for everything again (RFC 2918). */
  refresh(address: string): Promise<void>;
  /** RFC 9003. */
  shutDown(address: string, text: string): Promise<void>;
}

export const answerTimeoutMs = 15_000;

export function routerNeighbor(
  address: string,
  remoteAs: number,
  over: Partial<RouterNeighbor> = {},
): RouterNeighbor {
  return {
    address,
    remoteAs,
    interface: null,
    source: null,
    families: ['ipv4', 'ipv6'],
    hasExtendedNextHop: false,
    password: null,
    hops: 'direct',
    isPassive: false,
    bfdMs: null,
    gracefulRestartS: null,
    ...over,
  };
}

export function routerRoute(prefix: string, over: Partial<RouterRoute> = {}): RouterRoute {
  return { prefix, nextHop: null, communities: [], ...over };
}

export function familyOfPrefix(prefix: string): Family {
  return prefix.includes(':') ? 'ipv6' : 'ipv4';
}

/** null when the command fails: the router is not there yet, or not any more. */
export async function answerOf(command: Promise<string>): Promise<string | null> {
  try {
    return await command;
  } catch {
    return null;
  }
}
