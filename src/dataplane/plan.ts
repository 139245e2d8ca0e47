// The changes that lead from what runs to what is desired: the only way anything in the data plane
// changes. Touches what belongs to `config` alone; where an operator already made the object, his
// stays and the configuration's is left out. Pure and linear. Both states hold one object of each
// identity.
import type { IpAddress } from '../net/address.js';
import { networkOf } from '../net/prefix.js';
import { areSame, serverDefaults, serviceDefaults } from '../net/service.js';
import type { DataplaneSettings } from '../net/settings.js';
import {
  compareByService,
  Difference,
  isOneService,
  type Rules,
  serviceIdentity,
} from './difference.js';
import type {
  Address,
  Change,
  DesiredState,
  LocalAddressUse,
  Route,
  Server,
  Service,
} from './state.js';

/**
 * What replaces something else comes before what it replaces goes, so that no altered service is
 * ever without servers. What an object needs is added before it and removed after it. Only what
 * stands in the way of something new goes first.
 */
export function plan(running: DesiredState, desired: DesiredState): Change[] {
  const addresses = new Difference(addressRules).compare(running.addresses, desired.addresses);
  const routes = new Difference(routeRules).compare(running.routes, desired.routes);
  const services = new Difference(serviceRules).compare(running.services, desired.services);
  const locals = compareByService(
    new Difference(localAddressRules),
    running.localAddresses,
    desired.localAddresses,
  );
  const servers = compareByService(new Difference(serverRules), running.servers, desired.servers);
  const moves = movesOf(desired);
  const [movedLocals, goneLocals] = partition(locals.removed, (local) =>
    moves(local.address, local.device),
  );
  const [movedAddresses, goneAddresses] = partition(addresses.removed, ({ prefix, device }) =>
    moves(prefix.address, device),
  );
  const [raised, lowered] = partition(servers.replaced, ({ from, to }) => to.weight > from.weight);
  return [
    ...ofSettings(running.settings, desired.settings),
    ...ofLocalAddresses('remove_local_address', [...movedLocals, ...locals.replacedFrom]),
    ...ofAddresses('remove_address', [...movedAddresses, ...addresses.replacedFrom]),
    ...ofRoutes('remove_route', routes.replacedFrom),
    ...ofAddresses('add_address', [...addresses.replacedTo, ...addresses.added]),
    ...ofRoutes('add_route', [...routes.replacedTo, ...routes.added]),
    ...ofServices('add_service', services.added),
    ...ofServices('alter_service', services.replacedTo),
    ...ofLocalAddresses('add_local_address', [...locals.replacedTo, ...locals.added]),
    ...ofServers('add_server', servers.added),
    ...ofServers(
      'alter_server',
      [...raised, ...lowered].map(({ to }) => to),
    ),
    ...ofServers('remove_server', servers.removed),
    ...ofLocalAddresses('remove_local_address', goneLocals),
    ...ofServices('remove_service', services.removed),
    ...ofRoutes('remove_route', routes.removed),
    ...ofAddresses('remove_address', goneAddresses),
  ];
}

/**
 * Whether the address is wanted on another port than this one: an address is on one port at a time.
 */
function movesOf(desired: DesiredState): (address: IpAddress, device: string) => boolean {
  const devices = new Map<IpAddress, string>();
  for (const { prefix, device } of desired.addresses) devices.set(prefix.address, device);
  for (const { address, device } of desired.localAddresses) devices.set(address, device);
  return (address, device) => (devices.get(address) ?? device) !== device;
}

const addressRules: Rules<Address> = {
  identity: addressIdentity,
  isOne: (left, right) => left.prefix.address === right.prefix.address,
  isSame: (left, right) =>
    left.prefix.length === right.prefix.length && left.device === right.device,
};

const routeRules: Rules<Route> = {
  identity: routeIdentity,
  isOne: (left, right) => routeIdentity(left) === routeIdentity(right),
  isSame: (left, right) => left.gateway === right.gateway && left.device === right.device,
};

const serviceRules: Rules<Service> = {
  identity: (service) => serviceIdentity(service.key),
  isOne: (left, right) => isOneService(left.key, right.key),
  isSame: hasSame(serviceDefaults),
};

/** Among the local addresses of one service. */
const localAddressRules: Rules<LocalAddressUse> = {
  identity: ({ address }) => address,
  isOne: (left, right) => left.address === right.address,
  isSame: (left, right) => left.device === right.device && left.isLeased === right.isLeased,
};

/** Among the servers of one service. */
const serverRules: Rules<Server> = {
  identity: ({ endpoint }) => `${endpoint.address} ${endpoint.port}`,
  isOne: ({ endpoint: left }, { endpoint: right }) =>
    left.address === right.address && left.port === right.port,
  isSame: hasSame(serverDefaults),
};

/** What can be said of the object counts, not its owner nor how its identity is written. */
function hasSame<O extends object>(options: O): (left: O, right: O) => boolean {
  const names = Object.keys(options) as (keyof O)[];
  return (left, right) => areSame(left, right, names);
}

/** Timeouts that an operator has set stay. */
function ofSettings(running: DataplaneSettings, desired: DataplaneSettings): Change[] {
  const { timeouts, timeoutsOwner } = running.timeoutsOwner === 'operator' ? running : desired;
  const settings = { ...desired, timeouts, timeoutsOwner };
  const names = Object.keys(settings) as (keyof DataplaneSettings)[];
  return areSame(running, settings, names) ? [] : [{ verb: 'set_settings', settings }];
}

/** An IP address exists once, whatever its prefix length and port. */
export function addressIdentity({ prefix }: Address): string {
  return prefix.address;
}

export function routeIdentity({ destination }: Route): string {
  return `${networkOf(destination).address}/${destination.length}`;
}

export function localAddressIdentity({ service, address }: LocalAddressUse): string {
  return `${serviceIdentity(service)} ${address}`;
}

export function serverIdentity({
  service,
  endpoint,
}: Pick<Server, 'service' | 'endpoint'>): string {
  return `${serviceIdentity(service)} ${endpoint.address} ${endpoint.port}`;
}

function ofAddresses(
  verb: 'add_address' | 'remove_address',
  addresses: readonly Address[],
): Change[] {
  return addresses.map((address) => ({ verb, address }));
}

function ofRoutes(verb: 'add_route' | 'remove_route', routes: readonly Route[]): Change[] {
  return routes.map((route) => ({ verb, route }));
}

function ofServices(
  verb: 'add_service' | 'alter_service' | 'remove_service',
  services: readonly Service[],
): Change[] {
  return services.map((service) => ({ verb, service }));
}

function ofLocalAddresses(
  verb: 'add_local_address' | 'remove_local_address',
  locals: readonly LocalAddressUse[],
): Change[] {
  return locals.map((localAddress) => ({ verb, localAddress }));
}

function ofServers(
  verb: 'add_server' | 'alter_server' | 'remove_server',
  servers: readonly Server[],
): Change[] {
  return servers.map((server) => ({ verb, server }));
}

function partition<T>(list: readonly T[], isFirst: (element: T) => boolean): [T[], T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const element of list) (isFirst(element) ? first : second).push(element);
  return [first, second];
}
