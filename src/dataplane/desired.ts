// What the data plane should run: a pure function of the configuration and of what the world says.
// VRRP's addresses are not here (the protocol loop leases them), nor are connected routes: adding
// an address makes the route to its own subnet.
import type { Config } from '../config/config.js';
import type { DataplaneConfig } from '../config/dataplane.js';
import type { LocalAddressGroup } from '../config/local-address-group.js';
import type { VirtualServer } from '../config/virtual-server.js';
import { familyOf, formatEndpoint } from '../net/address.js';
import { type ServerOptions, serverDefaults, serviceDefaults } from '../net/service.js';
import {
  effectiveWeight,
  type ServiceFacts,
  serverKeyOf,
  serviceKeyOf,
} from '../net/service-facts.js';
import { type DataplaneSettings, settingsDefaults } from '../net/settings.js';
import type { OpenOptions } from './dataplane.js';
import { serviceIdentity } from './difference.js';
import { addressIdentity, routeIdentity } from './plan.js';
import { familyOfService } from './service-name.js';
import type {
  Address,
  DesiredState,
  LocalAddressUse,
  Route,
  Server,
  Service,
  ServiceKey,
} from './state.js';

/** Of objects with one identity the first counts, as in keepalived. */
export function desiredState(config: Config, facts: ServiceFacts): DesiredState {
  const groups = new Map(config.localAddressGroups.map((group) => [group.name, group]));
  const services: Service[] = [];
  const servers: Server[] = [];
  const localAddresses: LocalAddressUse[] = [];
  const seen = new Set<string>();
  for (const virtualServer of config.virtualServers) {
    const liveServers = liveServersOf(virtualServer, facts);
    const options = only(serviceDefaults, virtualServer);
    const group = groups.get(virtualServer.localAddressGroup ?? '');
    for (const key of keysOf(virtualServer)) {
      if (seen.has(serviceIdentity(key))) continue;
      seen.add(serviceIdentity(key));
      services.push({ key, owner: 'config', ...options });
      if (needsLocalAddresses(virtualServer)) localAddresses.push(...localAddressesOf(key, group));
      servers.push(...serversOf(key, liveServers));
    }
  }
  return { ...portState(config.dataplane), services, servers, localAddresses };
}

function keysOf({ endpoints, protocol, match }: VirtualServer): readonly ServiceKey[] {
  if (match !== null) return [{ protocol, match }];
  if (protocol === 'ICMP' || protocol === 'ICMPV6') return [];
  return endpoints.map((endpoint) => ({ ...endpoint, protocol }));
}

/** What the block says itself: what a data plane needs that runs without the daemon. */
export function portState(config: DataplaneConfig | null): {
  readonly settings: DataplaneSettings;
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
} {
  if (config === null) return { settings: settingsDefaults, addresses: [], routes: [] };
  const addresses = config.addresses.map((one): Address => ({ ...one, owner: 'config' }));
  const routes = config.routes.map((one): Route => ({ ...one, owner: 'config' }));
  return {
    settings: config.settings,
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

type LiveServer = Omit<Server, 'service'>;

/** A sorry server answers in the place of all others, while the service has no quorum. */
function liveServersOf(virtualServer: VirtualServer, facts: ServiceFacts): readonly LiveServer[] {
  const { sorryServer } = virtualServer;
  const hasQuorum = !facts.withoutQuorum.has(serviceKeyOf(virtualServer));
  const isSorry = sorryServer !== null && !hasQuorum;
  const distinct = unique(virtualServer.realServers, ({ endpoint }) => formatEndpoint(endpoint));
  const servers = distinct.flatMap(({ endpoint, inhibitsOnFailure, ...rest }) => {
    const fact = facts.servers.get(serverKeyOf(virtualServer, endpoint));
    const takesPart = (fact?.isUp ?? true) && !isSorry;
    if (!takesPart && !inhibitsOnFailure) return [];
    const options = only(serverDefaults, rest);
    const weight = takesPart ? effectiveWeight(options.weight, fact?.weightChange ?? 0) : 0;
    return [{ endpoint, owner: 'config' as const, ...options, weight }];
  });
  if (sorryServer === null || !(isSorry || sorryServer.isInhibited)) return servers;
  const { endpoint, isInhibited, ...rest } = sorryServer;
  const options = only(serverDefaults, rest);
  const weight = isSorry ? options.weight : 0;
  const sorry = { endpoint, owner: 'config' as const, ...options, weight };
  // It may be one of the real servers: what it does now counts.
  return isSorry ? [sorry, ...servers] : [...servers, sorry];
}

/** Of the service's family where a packet stays in it, and with the port that it goes to. */
function serversOf(service: ServiceKey, servers: readonly LiveServer[]): readonly Server[] {
  const family = familyOfService(service);
  const reached = servers.flatMap((server) => {
    const { method, endpoint } = server;
    const crosses = method === 'FNAT' || method === 'TUN';
    if (!crosses && familyOf(endpoint.address) !== family) return [];
    const port = portOf(service, server);
    return [{ service, ...server, endpoint: { ...endpoint, port } }];
  });
  return unique(reached, ({ endpoint }) => formatEndpoint(endpoint));
}

/** DR and TUN leave the port as it is; ports of SNAT are chosen. */
function portOf(service: ServiceKey, { method, endpoint }: LiveServer): number {
  if ('match' in service) return 0;
  return method === 'DR' || method === 'TUN' ? service.port : endpoint.port;
}

/** FNAT connects from them, and tunnels begin at one. */
function needsLocalAddresses({ realServers, sorryServer }: VirtualServer): boolean {
  const methods: ReadonlySet<ServerOptions['method']> = new Set(['FNAT', 'TUN']);
  const servers = [...realServers, ...(sorryServer === null ? [] : [sorryServer])];
  return servers.length === 0 || servers.some(({ method }) => methods.has(method));
}

function localAddressesOf(
  service: ServiceKey,
  group: LocalAddressGroup | undefined,
): readonly LocalAddressUse[] {
  const distinct = unique(group?.addresses ?? [], ({ address }) => address);
  return distinct.map(({ address, device, follows }) => ({
    ...{ service, address, device, owner: 'config' },
    isLeased: follows !== null,
  }));
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

/** Of `object` what can be said in `options`. */
function only<O extends object>(options: O, object: O): O {
  const names = Object.keys(options) as (keyof O)[];
  return Object.fromEntries(names.map((name) => [name, object[name]])) as O;
}
