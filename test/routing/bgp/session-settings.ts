// The neighbour and the instance that the tests of BGP vary, and the OPEN of another speaker.
import type { BgpInstance, BgpNeighbor } from '../../../src/config/bgp.js';
import { ipAddress } from '../../../src/net/address.js';
import { type Prefix, parsePrefix } from '../../../src/net/prefix.js';
import type { AnnouncedRoute } from '../../../src/routing/announced-route.js';
import type { BgpSettings } from '../../../src/routing/bgp/effect.js';
import type { Open } from '../../../src/routing/bgp/message/message.js';

export const ourAddress = ipAddress('192.0.2.1');
export const theirAddress = ipAddress('192.0.2.2');

export function prefix(text: string): Prefix {
  return parsePrefix(text)._unsafeUnwrap();
}

export function neighbor(changes: Partial<BgpNeighbor> = {}): BgpNeighbor {
  return {
    address: theirAddress,
    description: null,
    remoteAs: 65002,
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
    prefixesOutMax: 20_000,
    sendsCommunities: ['standard', 'extended', 'large'],
    hasExtendedNextHop: false,
    families: ['ipv4'],
    attributes: {
      communities: [],
      largeCommunities: [],
      extendedCommunities: [],
      med: null,
      localPreference: null,
      prepends: 0,
      nextHop: { ipv4: null, ipv6: null },
    },
    allowed: [{ prefix: prefix('10.0.0.0/8'), lengthMin: 8, lengthMax: 32 }],
    ...changes,
  };
}

export function instance(changes: Partial<BgpInstance> = {}): BgpInstance {
  return {
    name: 'B',
    localAs: 65001,
    routerId: ourAddress,
    listen: 'any',
    neighbors: [neighbor()],
    gracefulShutdownMs: 0,
    logsNeighborChanges: true,
    ...changes,
  };
}

export function settings(
  changes: Partial<BgpNeighbor> = {},
  more: Partial<BgpSettings> = {},
): BgpSettings {
  return {
    neighbor: neighbor(changes),
    localAs: 65001,
    identifier: ourAddress,
    hostName: 'lb1',
    isForwarding: false,
    memory: { failures: 0, offersCapabilities: true, isRestarting: false },
    negotiated: null,
    ...more,
  };
}

export function open(changes: Partial<Open> = {}): Open {
  return {
    type: 'open',
    as: 65002,
    holdS: 90,
    identifier: theirAddress,
    capabilities: [
      { type: 'multiprotocol', family: 'ipv4' },
      { type: 'multiprotocol', family: 'ipv6' },
      { type: 'route_refresh' },
      { type: 'enhanced_route_refresh' },
      { type: 'four_octet_as', as: 65002 },
    ],
    ...changes,
  };
}

export function route(text: string, changes: Partial<AnnouncedRoute> = {}): AnnouncedRoute {
  return { prefix: prefix(text), attributes: {}, isShuttingDown: false, ...changes };
}
