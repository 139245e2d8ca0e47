// Values that several tests of the data plane and its tools use.

import type { Config } from '../../src/config/config.js';
import { operationsDefaults } from '../../src/config/operations.js';
import { noTracking } from '../../src/config/tracking.js';
import type { RealServer, VirtualServer } from '../../src/config/virtual-server.js';
import type { OpenOptions } from '../../src/dataplane/dataplane.js';
import {
  type Address,
  type AddressKey,
  type DesiredState,
  emptyState,
  type LocalAddressUse,
  type MatchKey,
  type Owner,
  type Route,
  type Server,
  type Service,
  type ServiceKey,
} from '../../src/dataplane/state.js';
import { type Endpoint, ipAddress } from '../../src/net/address.js';
import { type Prefix, parsePrefix } from '../../src/net/prefix.js';
import { serverDefaults, serviceDefaults } from '../../src/net/service.js';
import type { Log, LogLevel } from '../../src/ports/log.js';
import { noStaticObjects, plainFirewall } from '../config/no-objects.js';
import { plainServer, plainService } from '../config/plain-service.js';
import { silentGlobals } from '../config/silence.js';
import { garpRates } from '../ha/vrrp/instance.js';

export function prefixOf(text: string): Prefix {
  return parsePrefix(text)._unsafeUnwrap();
}

/** "10.0.1.2:80". */
export function endpointOf(text: string): Endpoint {
  const colon = text.lastIndexOf(':');
  return { address: ipAddress(text.slice(0, colon)), port: Number(text.slice(colon + 1)) };
}

export function tcp(text: string): AddressKey {
  return { ...endpointOf(text), protocol: 'TCP' };
}

export function udp(text: string): AddressKey {
  return { ...endpointOf(text), protocol: 'UDP' };
}

/** A match: what leaves 10.2.0.0/24 by dpdk1. */
export function outbound(ports: { first: number; last: number } | null = null): MatchKey {
  const first = ipAddress('10.2.0.1');
  const addresses = { first, last: ipAddress('10.2.0.254') };
  const source = { addresses, ports };
  const ends = { source, destination: null, inDevice: null, outDevice: 'dpdk1' };
  return { protocol: 'TCP', match: { family: 'ipv4', ...ends } };
}

export function service(
  key: ServiceKey,
  scheduler: Service['scheduler'] = 'rr',
  owner: Owner = 'config',
): Service {
  return { key, owner, ...serviceDefaults, scheduler };
}

export function server(
  key: ServiceKey,
  endpoint: string,
  weight = 1,
  owner: Owner = 'config',
): Server {
  const endpointThere = endpointOf(endpoint);
  return {
    service: key,
    endpoint: endpointThere,
    owner,
    ...serverDefaults,
    method: 'FNAT',
    weight,
  };
}

export function local(
  key: ServiceKey,
  address: string,
  device = 'dpdk1',
  owner: Owner = 'config',
): LocalAddressUse {
  return { service: key, address: ipAddress(address), device, owner, isLeased: false };
}

export function address(prefix: string, device = 'dpdk0', owner: Owner = 'config'): Address {
  return { prefix: prefixOf(prefix), device, owner };
}

export function route(
  destination: string,
  gateway: string | null,
  device = 'dpdk0',
  owner: Owner = 'config',
): Route {
  return {
    destination: prefixOf(destination),
    gateway: gateway === null ? null : ipAddress(gateway),
    device,
    owner,
  };
}

export function stateOf(parts: Partial<DesiredState>): DesiredState {
  return { ...emptyState, ...parts };
}

export const twoPorts: OpenOptions = {
  filePrefix: 'keelson',
  workers: 1,
  workerCpus: [],
  poll: 'adaptive',
  connectionsMax: 1024,
  packetBuffers: 1024,
  hugepages: 'off',
  ports: [
    { name: 'dpdk0', device: 'net_ring0', kniName: 'dpdk0.kni', mtuBytes: 1500 },
    { name: 'dpdk1', device: 'net_ring1', kniName: 'dpdk1.kni', mtuBytes: 1500 },
  ],
};

export function realServer(endpoint: string, parts: Partial<RealServer> = {}): RealServer {
  return {
    endpoint: endpointOf(endpoint),
    ...serverDefaults,
    ...plainServer,
    method: 'FNAT',
    inhibitsOnFailure: false,
    checkers: [],
    ...parts,
  };
}

export function virtualServer(
  endpoint: string,
  realServers: readonly RealServer[],
  parts: Partial<VirtualServer> = {},
): VirtualServer {
  return {
    name: endpoint.replace(':', ' '),
    endpoints: [endpointOf(endpoint)],
    match: null,
    protocol: 'TCP',
    ...serviceDefaults,
    ...plainService,
    scheduler: 'rr',
    delayLoopMs: 60_000,
    localAddressGroup: 'laddr',
    realServers,
    ...parts,
  };
}

export function configOf(parts: Partial<Config>): Config {
  return {
    global: { routerId: 'lb1', defaultInterface: 'eth0' },
    operations: operationsDefaults,
    dataplane: null,
    syncGroups: [],
    staticObjects: noStaticObjects,
    firewall: plainFirewall,
    localAddressGroups: [],
    vrrpInstances: [],
    garpRates,
    tracking: noTracking,
    notification: silentGlobals,
    virtualServerGroups: [],
    bgpInstances: [],
    ospfInstances: [],
    virtualServers: [],
    bfdInstances: [],
    ...parts,
  };
}

export class RecordedLog implements Log {
  readonly lines: string[] = [];

  write(level: LogLevel, line: string): void {
    this.lines.push(`${level}: ${line}`);
  }
}
