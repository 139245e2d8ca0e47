// Asks the data plane for the objects that a dpip command shows.
import { err, ok } from 'neverthrow';
import type { AddressStatus, Dataplane } from '../../dataplane/dataplane.js';
import type { DesiredState } from '../../dataplane/state.js';
import { portUseByAddress } from '../../dataplane/statistics.js';
import { familyOf, type IpAddress } from '../../net/address.js';
import { hostLength } from '../../net/prefix.js';
import { type Answered, refused } from '../tool.js';
import type { Query } from './arguments.js';
import { formatAddress, formatLink, formatNeighbor, formatRoutes, shownRoutes } from './print.js';

export function show(dataplane: Dataplane, query: Query): Promise<Answered> {
  switch (query.object) {
    case 'link':
      return showLinks(dataplane, query);
    case 'addr':
      return showAddresses(dataplane, query);
    case 'route':
      return showRoutes(dataplane, query);
    case 'neigh':
      return showNeighbors(dataplane, query);
  }
}

async function showLinks(dataplane: Dataplane, query: Query): Promise<Answered> {
  const ports = await dataplane.ports();
  if (ports.isErr()) return refused(ports.error);
  const lines = ports.value.flatMap((port, index) =>
    isWanted(query, port.name) ? [formatLink(port, index + 1, query)] : [],
  );
  if (lines.length === 0 && query.device !== null) return err(`there is no port ${query.device}`);
  return ok(lines.join(''));
}

async function showAddresses(dataplane: Dataplane, query: Query): Promise<Answered> {
  const [addresses, running] = await Promise.all([dataplane.addresses(), dataplane.running()]);
  if (addresses.isErr()) return refused(addresses.error);
  if (running.isErr()) return refused(running.error);
  const statistics = query.isCounted ? await dataplane.statistics() : ok(null);
  if (statistics.isErr()) return refused(statistics.error);
  const uses = statistics.value === null ? null : portUseByAddress(statistics.value);
  const shown = withLocalAddresses(addresses.value, running.value).filter(
    ({ device, prefix }) => isWanted(query, device) && isOfFamily(query, prefix.address),
  );
  const lines = shown.map((status) => formatAddress(status, uses?.get(status.prefix.address)));
  return ok(lines.join(''));
}

async function showRoutes(dataplane: Dataplane, query: Query): Promise<Answered> {
  const [addresses, running, ports] = await Promise.all([
    dataplane.addresses(),
    dataplane.running(),
    dataplane.ports(),
  ]);
  if (addresses.isErr()) return refused(addresses.error);
  if (running.isErr()) return refused(running.error);
  if (ports.isErr()) return refused(ports.error);
  const own = withLocalAddresses(addresses.value, running.value);
  const { scope } = query;
  const routes = shownRoutes(
    own.filter(({ device }) => isWanted(query, device)),
    running.value.routes.filter(({ device }) => isWanted(query, device)),
  ).filter(
    (route) =>
      isOfFamily(query, route.destination.address) && (scope === null || route.scope === scope),
  );
  const mtus = ports.value.map(({ name, mtuBytes }) => [name, mtuBytes] as const);
  return ok(formatRoutes(routes, new Map(mtus)));
}

/** A local address answers on its port like any other, however many services use it. */
function withLocalAddresses(
  addresses: readonly AddressStatus[],
  { localAddresses }: DesiredState,
): readonly AddressStatus[] {
  const all = new Map(addresses.map((status) => [status.prefix.address, status]));
  for (const { address, device, owner, isLeased } of localAddresses) {
    // A leased one is among the addresses while it is there.
    if (all.has(address) || isLeased) continue;
    all.set(address, { prefix: { address, length: hostLength(address) }, device, owner });
  }
  return [...all.values()];
}

async function showNeighbors(dataplane: Dataplane, query: Query): Promise<Answered> {
  const neighbors = await dataplane.neighbors();
  if (neighbors.isErr()) return refused(neighbors.error);
  const shown = neighbors.value.filter(
    ({ device, address }) => isWanted(query, device) && isOfFamily(query, address),
  );
  return ok(shown.map(formatNeighbor).join(''));
}

function isOfFamily({ family }: Query, address: IpAddress): boolean {
  return family === null || familyOf(address) === family;
}

function isWanted({ device }: Query, name: string): boolean {
  return device === null || device === name;
}
