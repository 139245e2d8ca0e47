// A neighbour and what is wanted of it, for tests of what is sent.
import type { AllowedPrefix, BgpNeighbor, RouteAttributes } from '../../../src/config/bgp.js';
import { ipAddress } from '../../../src/net/address.js';
import { hostLength, type Prefix, parsePrefix } from '../../../src/net/prefix.js';
import type { AnnouncedRoute } from '../../../src/routing/announced-route.js';
import type { RibTerms } from '../../../src/routing/bgp/route-export.js';
import { fullTerms } from './message/messages.js';

export const plainAttributes: RouteAttributes = {
  communities: [],
  largeCommunities: [],
  extendedCommunities: [],
  med: null,
  localPreference: null,
  prepends: 0,
  nextHop: { ipv4: null, ipv6: null },
};

export function prefixOf(text: string): Prefix {
  return parsePrefix(text)._unsafeUnwrap();
}

/** Hosts inside of each. */
export function allowHosts(...texts: string[]): AllowedPrefix[] {
  return texts.map((text) => {
    const prefix = prefixOf(text);
    return { prefix, lengthMin: prefix.length, lengthMax: hostLength(prefix.address) };
  });
}

export const router: BgpNeighbor = {
  address: ipAddress('192.0.2.254'),
  description: null,
  remoteAs: 65_000,
  isInternal: false,
  shutdown: null,
  password: null,
  sentHops: 1,
  hopsMin: null,
  port: 179,
  source: null,
  interface: null,
  isPassive: false,
  keepaliveMs: 3000,
  holdMs: 9000,
  connectRetryMs: 5000,
  bfd: null,
  gracefulRestartS: null,
  prefixesMax: null,
  prefixesOutMax: 1000,
  sendsCommunities: ['standard', 'large', 'extended'],
  hasExtendedNextHop: false,
  families: ['ipv4', 'ipv6'],
  attributes: plainAttributes,
  allowed: allowHosts('203.0.113.0/24', '2001:db8:f::/48'),
};

export function ribTerms(
  neighbor: Partial<BgpNeighbor> = {},
  others: Partial<RibTerms> = {},
): RibTerms {
  return {
    localAs: 65_001,
    neighbor: { ...router, ...neighbor },
    session: fullTerms,
    ourAddress: ipAddress('192.0.2.1'),
    ourLinkLocal: null,
    ...others,
  };
}

export function route(
  text: string,
  attributes: Partial<RouteAttributes> = {},
  isShuttingDown = false,
): AnnouncedRoute {
  return { prefix: prefixOf(text), attributes, isShuttingDown };
}
