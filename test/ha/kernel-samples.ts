// An address, a route and a rule with nothing special about them.
import type { AddressObject } from '../../src/config/kernel-address.js';
import type { RouteObject } from '../../src/config/kernel-route.js';
import type { RuleObject } from '../../src/config/kernel-rule.js';
import { ipAddress } from '../../src/net/address.js';
import { parsePrefix } from '../../src/net/prefix.js';
import type { KernelRoute, KernelRule } from '../../src/ports/kernel-objects.js';

export function address(text: string, changes: Partial<AddressObject> = {}): AddressObject {
  return {
    prefix: parsePrefix(text)._unsafeUnwrap(),
    device: 'eth0',
    attributes: {
      ...{ scope: null, broadcast: null, label: null, peer: null, preferredSeconds: null },
      flags: [],
    },
    isTracked: true,
    isAdvertised: true,
    ...changes,
  };
}

export function route(destination: string, changes: Partial<KernelRoute> = {}): RouteObject {
  const hop = { gateway: ipAddress('192.0.2.254'), device: 'eth0', weight: 1, isOnlink: false };
  return {
    route: {
      ...{ family: 'ipv4', type: 'unicast', tos: 0, table: 254, protocol: 18, scope: 0 },
      destination: parsePrefix(destination)._unsafeUnwrap(),
      ...{ priority: null, preferredSource: null, expiresSeconds: null, preference: null },
      ...{ propagatesTtl: null, metrics: {}, lockedMetrics: [], congestionControl: null },
      hops: [{ ...hop, realms: null, encapsulation: null }],
      ...changes,
    },
    isTracked: true,
  };
}

export function rule(priority: number, changes: Partial<KernelRule> = {}): RuleObject {
  return {
    rule: {
      ...{ family: 'ipv4', isInverted: false, action: { type: 'table', table: 100 } },
      ...{ priority, protocol: 18 },
      ...{ from: null, to: null, tos: 0, mark: null, inputDevice: null, outputDevice: null },
      ...{ suppressPrefixLength: null, suppressGroup: null, tunnelId: null, users: null },
      ...{ ipProtocol: null, sourcePorts: null, destinationPorts: null, realms: null },
      ...changes,
    },
    isTracked: true,
  };
}
