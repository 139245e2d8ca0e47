// The neighbour and the instance that the tests of BGP vary, and the OPEN of another speaker.
import type { BgpInstance, BgpNeighbor } from '../../../src/config/bgp.js';
import { ipAddress } from '../../../src/net/address.js';
import type { AnnouncedRoute } from '../../../src/routing/announced-route.js';
import type { BgpSettings } from '../../../src/routing/bgp/effect.js';
import type { Open } from '../../../src/routing/bgp/message/message.js';
import { prefixOf as prefix, router } from './neighbor.js';

export { prefix };

export const ourAddress = ipAddress('192.0.2.1');
export const theirAddress = ipAddress('192.0.2.2');

export function neighbor(changes: Partial<BgpNeighbor> = {}): BgpNeighbor {
  return {
    ...router,
    address: theirAddress,
    remoteAs: 65002,
    prefixesOutMax: 20_000,
    families: ['ipv4'],
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
