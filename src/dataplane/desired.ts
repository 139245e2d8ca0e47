// What the data plane should run: a pure function of the configuration and of what the world says.
// VRRP's addresses are not here (the protocol loop leases them), nor are connected routes: adding
// an address makes the route to its own subnet.
import type { Config } from '../config/config.js';
import type { DataplaneConfig } from '../config/dataplane.js';
import type { LocalAddressGroup } from '../config/local-address-group.js';
import type { VirtualServer } from '../config/virtual-server.js';
import { type Endpoint, formatEndpoint } from '../net/address.js';
import type { OpenOptions } from './dataplane.js';
import { serviceIdentity } from './difference.js';
import { addressIdentity, routeIdentity } from './plan.js';
import type {
  Address,
  DesiredState,
  LocalAddressUse,
  Route,
  Server,
  Service,
  ServiceKey,
} from './state.js';

export type Facts = {
  /** The real servers that their checkers hold down, by `failedServerKey`. */
  readonly failedServers: ReadonlySet<string>;
};

/** Names one real server of one virtual server in Facts. */
export function failedServerKey(
  virtualServer: Pick<VirtualServer, 'name' | 'protocol'>,
  realServer: Endpoint,
): string {
  return `${virtualServer.name} ${virtualServer.protocol} ${formatEndpoint(realServer)}`;
}

/** Of objects with one identity the first counts, as in keepalived. */
export function desiredState(config: Config, facts: Facts): DesiredState {
  const groups = new Map(config.localAddressGroups.map((group) => [group.name, group]));
  const services: Service[] = [];
  const servers: Server[] = [];
  const localAddresses: LocalAddressUse[] = [];
  const seen = new Set<string>();
  for (const virtualServer of config.virtualServers) {
    const liveServers = liveServersOf(virtualServer, facts);
    const group = groups.get(virtualServer.localAddressGroup);
    for (const endpoint of virtualServer.endpoints) {
      const key: ServiceKey = { ...endpoint, protocol: virtualServer.protocol };
      if (seen.has(serviceIdentity(key))) continue;
      seen.add(serviceIdentity(key));
      services.push({ key, owner: 'config', scheduler: virtualServer.scheduler });
      localAddresses.push(...localAddressesOf(key, group));
      servers.push(...liveServers.map((server) => ({ service: key, ...server })));
    }
  }
  const { addresses, routes } = portState(config.dataplane);
  return { addresses, routes, services, servers, localAddresses };
}

/** The block's own addresses and routes: what a data plane needs that runs without the daemon. */
export function portState(config: DataplaneConfig | null): {
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
} {
  if (config === null) return { addresses: [], routes: [] };
  const addresses = config.addresses.map((one): Address => ({ ...one, owner: 'config' }));
  const routes = config.routes.map((one): Route => ({ ...one, owner: 'config' }));
  return {
    addresses: unique(addresses, addressIdentity),
    routes: unique(routes, routeIdentity),
  };
}

export function openOptions(config: DataplaneConfig, filePrefix: string): OpenOptions {
  const { workers, workerCpus, poll, connectionsMax, packetBuffers, hugepages, ports } = config;
  return {
    filePrefix,
    workers,
    workerCpus,
    poll,
    connectionsMax,
    packetBuffers,
    hugepages,
    ports: ports.map(({ name, device, kniName, mtuBytes }) => ({
      name,
      device,
      kniName,
      mtuBytes,
    })),
  };
}

function liveServersOf(
  virtualServer: VirtualServer,
  facts: Facts,
): readonly Omit<Server, 'service'>[] {
  const { method, realServers } = virtualServer;
  const distinct = unique(realServers, ({ endpoint }) => formatEndpoint(endpoint));
  return distinct.flatMap(({ endpoint, weight, inhibitsOnFailure }) => {
    const isFailed = facts.failedServers.has(failedServerKey(virtualServer, endpoint));
    if (isFailed && !inhibitsOnFailure) return [];
    return [{ endpoint, owner: 'config' as const, method, weight: isFailed ? 0 : weight }];
  });
}

function localAddressesOf(
  service: ServiceKey,
  group: LocalAddressGroup | undefined,
): readonly LocalAddressUse[] {
  const distinct = unique(group?.addresses ?? [], ({ address }) => address);
  return distinct.map((local) => ({ service, ...local, owner: 'config' }));
}

/** The first of each identity. */
function unique<T>(list: readonly T[], identity: (element: T) => string): readonly T[] {
  const seen = new Set<string>();
  return list.filter((element) => {
    const key = identity(element);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
