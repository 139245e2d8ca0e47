// A data plane in memory: what is applied is what runs, leases end by the simulated clock, no
// packet moves. `appliedTo` is the meaning of a Change, written down without the data plane.
import { err, ok, type Result } from 'neverthrow';
import type {
  AddressStatus,
  Answer,
  ChangeFailure,
  ConnectionFilter,
  ConnectionList,
  ConnectionStatus,
  Dataplane,
  DataplaneError,
  LeaseStatus,
  NeighborStatus,
  OpenOptions,
  PortStatus,
  Statistics,
} from '../../src/dataplane/dataplane.js';
import { serviceIdentity } from '../../src/dataplane/difference.js';
import {
  addressIdentity,
  localAddressIdentity,
  routeIdentity,
  serverIdentity,
} from '../../src/dataplane/plan.js';
import {
  type Change,
  type DesiredState,
  emptyState,
  type Owner,
  type Route,
  type ServiceKey,
} from '../../src/dataplane/state.js';
import type { IpAddress } from '../../src/net/address.js';
import type { MacAddress } from '../../src/net/mac.js';
import { formatPrefix, type Prefix } from '../../src/net/prefix.js';
import type { DataplaneSettings } from '../../src/net/settings.js';
import type { Clock } from '../../src/ports/clock.js';

export const noStatistics: Statistics = {
  slowThread: { unresolvedDropped: 0, injectFull: 0, noBuffer: 0 },
  companions: [],
  workers: [],
  services: [],
  servers: [],
  localAddresses: [],
};

type Lease = {
  readonly prefix: Prefix;
  readonly device: string;
  /** On the clock; null: until released. */
  readonly endsMs: number | null;
};

export class SimulatedDataplane implements Dataplane {
  readonly #clock: Clock;
  #options: OpenOptions | null = null;
  #state = emptyState;
  readonly #leases = new Map<string, Lease[]>();
  /** Every batch that was applied. */
  readonly batches: (readonly Change[])[] = [];
  /** Every gratuitous ARP request that was sent. */
  readonly announced: { readonly device: string; readonly prefix: Prefix }[] = [];
  neighborList: readonly NeighborStatus[] = [];
  counters: Statistics = noStatistics;
  connectionList: readonly ConnectionStatus[] = [];
  /** Every service whose counters were zeroed; null: all. */
  readonly zeroed: (ServiceKey | null)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#options !== null;
  }

  open(options: OpenOptions): Answer<void> {
    if (this.#options === null) this.#options = options;
    const differences = differing(this.#options, options);
    return answer(
      differences.length === 0 ? ok() : err({ type: 'dataplane.restart_needed', differences }),
    );
  }

  running(): Answer<DesiredState> {
    return this.#whenOpen(() => ok(this.#state));
  }

  apply(changes: readonly Change[]): Answer<readonly ChangeFailure[]> {
    return this.#whenOpen(({ ports }) => {
      const devices = new Set(ports.map(({ name }) => name));
      const { state, failures } = appliedTo(this.#state, changes, devices);
      this.#state = state;
      this.batches.push(changes);
      return ok(failures);
    });
  }

  lease(
    holder: string,
    device: string,
    addresses: readonly Prefix[],
    durationMs: number | null,
  ): Answer<void> {
    return this.#whenOpen(({ ports }) => {
      if (!ports.some(({ name }) => name === device)) return refused(`there is no port ${device}`);
      const endsMs = durationMs === null ? null : this.#clock.nowMs() + durationMs;
      const renewed = addresses.map((prefix): Lease => ({ prefix, device, endsMs }));
      const kept = without(this.#leasesOf(holder), addresses);
      this.#leases.set(holder, [...kept, ...renewed]);
      return ok();
    });
  }

  release(holder: string, addresses: readonly Prefix[]): Answer<void> {
    return this.#whenOpen(() => {
      this.#leases.set(holder, without(this.#leasesOf(holder), addresses));
      return ok();
    });
  }

  leases(holder: string): Answer<readonly LeaseStatus[]> {
    return this.#whenOpen(() =>
      ok(
        this.#leasesOf(holder).map(({ prefix, device, endsMs }) => ({
          prefix,
          device,
          remainingMs: endsMs === null ? null : endsMs - this.#clock.nowMs(),
        })),
      ),
    );
  }

  announce(device: string, addresses: readonly Prefix[]): Answer<void> {
    return this.#whenOpen(() => {
      for (const prefix of addresses) this.announced.push({ device, prefix });
      return ok();
    });
  }

  addresses(): Answer<readonly AddressStatus[]> {
    return this.#whenOpen(() => {
      const leased = [...this.#leases.keys()].flatMap((holder) => this.#leasesOf(holder));
      return ok([
        ...this.#state.addresses,
        ...leased.map(({ prefix, device }): AddressStatus => ({ prefix, device, owner: 'vrrp' })),
      ]);
    });
  }

  routes(): Answer<readonly Route[]> {
    return this.#whenOpen(() => ok(this.#state.routes));
  }

  ports(): Answer<readonly PortStatus[]> {
    return this.#whenOpen(({ ports }) => ok(ports.map(quietPort)));
  }

  neighbors(): Answer<readonly NeighborStatus[]> {
    return this.#whenOpen(() => ok(this.neighborList));
  }

  statistics(): Answer<Statistics> {
    return this.#whenOpen(() => ok(this.counters));
  }

  connections(filter: ConnectionFilter): Answer<ConnectionList> {
    return this.#whenOpen(() => {
      const found = this.connectionList.filter((one) => isChosen(filter, one));
      const connections = found.slice(0, filter.rowsMax);
      return ok({ connections, isCut: connections.length < found.length });
    });
  }

  zero(service: ServiceKey | null): Answer<void> {
    return this.#whenOpen(() => {
      const wanted = service === null ? null : serviceIdentity(service);
      const isThere = this.#state.services.some(({ key }) => serviceIdentity(key) === wanted);
      if (wanted !== null && !isThere) return refused('there is no such service');
      this.zeroed.push(service);
      return ok();
    });
  }

  close(): Answer<void> {
    this.#options = null;
    this.#state = emptyState;
    this.#leases.clear();
    return answer(ok());
  }

  #leasesOf(holder: string): Lease[] {
    const nowMs = this.#clock.nowMs();
    const leases = this.#leases.get(holder) ?? [];
    return leases.filter(({ endsMs }) => endsMs === null || endsMs > nowMs);
  }

  #whenOpen<T>(act: (options: OpenOptions) => Result<T, DataplaneError>): Answer<T> {
    const options = this.#options;
    return answer(options === null ? refused('the data plane is not open') : act(options));
  }
}

function isChosen(filter: ConnectionFilter, one: ConnectionStatus): boolean {
  const ends = ['client', 'destination', 'server'] as const;
  return (
    (filter.protocol ?? one.protocol) === one.protocol &&
    (!filter.isTemplate || one.isTemplate) &&
    ends.every(
      (end) =>
        (filter[end].address ?? one[end].address) === one[end].address &&
        (filter[end].port || one[end].port) === one[end].port,
    )
  );
}

/**
 * The state after the changes that could be made, and those that could not. `devices` null: any.
 */
export function appliedTo(
  state: DesiredState,
  changes: readonly Change[],
  devices: ReadonlySet<string> | null,
): { readonly state: DesiredState; readonly failures: readonly ChangeFailure[] } {
  const tables = tablesOf(state);
  const failures: ChangeFailure[] = [];
  for (const [index, change] of changes.entries()) {
    const reason = step(tables, change, devices);
    if (reason !== null) failures.push({ index, reason });
  }
  const next: DesiredState = {
    settings: tables.settings,
    addresses: [...tables.addresses.values()],
    routes: [...tables.routes.values()],
    services: [...tables.services.values()],
    servers: [...tables.servers.values()],
    localAddresses: [...tables.localAddresses.values()],
  };
  return { state: next, failures };
}

type Lists = Omit<DesiredState, 'settings'>;
type Table<K extends keyof Lists> = Map<string, Lists[K][number]>;
type Tables = { readonly [K in keyof Lists]: Table<K> } & { settings: DataplaneSettings };

function tablesOf(state: DesiredState): Tables {
  return {
    settings: state.settings,
    addresses: new Map(state.addresses.map((one) => [addressIdentity(one), one])),
    routes: new Map(state.routes.map((one) => [routeIdentity(one), one])),
    services: new Map(state.services.map((one) => [serviceIdentity(one.key), one])),
    servers: new Map(state.servers.map((one) => [serverIdentity(one), one])),
    localAddresses: new Map(state.localAddresses.map((one) => [localAddressIdentity(one), one])),
  };
}

/** Null, or why the change cannot be made. */
function step(tables: Tables, change: Change, devices: ReadonlySet<string> | null): string | null {
  switch (change.verb) {
    case 'add_address':
    case 'remove_address': {
      const { address } = change;
      if (isUnknown(devices, address.device)) return `there is no port ${address.device}`;
      if (change.verb === 'add_address' && isElsewhere(tables, address.prefix.address, address)) {
        return 'it is an address of another port already';
      }
      return put(tables.addresses, change.verb, addressIdentity(address), address);
    }
    case 'add_route':
    case 'remove_route':
      if (isUnknown(devices, change.route.device)) return `no port ${change.route.device}`;
      return putRoute(tables, change.verb, change.route);
    case 'add_service':
    case 'alter_service':
    case 'remove_service': {
      const { key } = change.service;
      const identity = serviceIdentity(key);
      const ports = 'match' in key ? [key.match.inDevice, key.match.outDevice] : [];
      const unknown = ports.find((port) => port !== null && isUnknown(devices, port));
      if (unknown !== undefined) return `there is no port ${unknown}`;
      if (change.verb === 'remove_service') removeChildren(tables, identity);
      return put(tables.services, change.verb, identity, change.service);
    }
    case 'add_server':
    case 'alter_server':
    case 'remove_server': {
      const { server } = change;
      if (isOrphan(tables, server.service)) return 'there is no such service';
      return put(tables.servers, change.verb, serverIdentity(server), server);
    }
    case 'add_local_address':
    case 'remove_local_address': {
      const { localAddress } = change;
      if (isOrphan(tables, localAddress.service)) return 'there is no such service';
      if (isUnknown(devices, localAddress.device)) return `no port ${localAddress.device}`;
      const isNew = change.verb === 'add_local_address';
      if (isNew && isElsewhere(tables, localAddress.address, localAddress)) {
        return 'it is an address of another port already';
      }
      const identity = localAddressIdentity(localAddress);
      return put(tables.localAddresses, change.verb, identity, localAddress);
    }
    case 'set_settings':
      tables.settings = change.settings;
      return null;
  }
}

/** Those of VRRP are its own, and it finds them again. */
function putRoute(tables: Tables, verb: Change['verb'], route: Route): string | null {
  const present = tables.routes.get(routeIdentity(route));
  const isVirtual = present?.owner === 'vrrp';
  if (present !== undefined && isVirtual && route.owner === 'vrrp' && verb === 'add_route') {
    return null;
  }
  if (present !== undefined && isVirtual !== (route.owner === 'vrrp')) return 'it is another’s';
  return put(tables.routes, verb, routeIdentity(route), route);
}

/** An altered object keeps its owner: an operator's change of weight does not make it his. */
function put<T extends { readonly owner: Owner | 'vrrp' }>(
  table: Map<string, T>,
  verb: Change['verb'],
  identity: string,
  object: T,
): string | null {
  const present = table.get(identity);
  if (verb.startsWith('add_')) {
    if (present !== undefined) return 'it exists already';
    table.set(identity, object);
    return null;
  }
  if (present === undefined) return 'it does not exist';
  if (verb.startsWith('alter_')) table.set(identity, { ...object, owner: present.owner });
  else table.delete(identity);
  return null;
}

function removeChildren(tables: Tables, service: string): void {
  for (const table of [tables.servers, tables.localAddresses]) {
    for (const [identity, child] of table) {
      if (serviceIdentity(child.service) === service) table.delete(identity);
    }
  }
}

function isElsewhere(
  tables: Tables,
  address: IpAddress,
  { device }: { readonly device: string },
): boolean {
  const own = [...tables.addresses.values()].map((one) => ({
    ...one,
    address: one.prefix.address,
  }));
  return [...own, ...tables.localAddresses.values()].some(
    (one) => one.address === address && one.device !== device,
  );
}

function isOrphan(tables: Tables, service: ServiceKey): boolean {
  return !tables.services.has(serviceIdentity(service));
}

function isUnknown(devices: ReadonlySet<string> | null, device: string): boolean {
  return devices !== null && !devices.has(device);
}

function differing(running: OpenOptions, wanted: OpenOptions): string[] {
  const names = Object.keys(running) as (keyof OpenOptions)[];
  return names.filter((name) => JSON.stringify(running[name]) !== JSON.stringify(wanted[name]));
}

function without(leases: readonly Lease[], prefixes: readonly Prefix[]): Lease[] {
  const gone = new Set(prefixes.map(formatPrefix));
  return leases.filter(({ prefix }) => !gone.has(formatPrefix(prefix)));
}

export function quietPort({
  name,
  device,
  kniName,
  mtuBytes,
}: OpenOptions['ports'][number]): PortStatus {
  return {
    name,
    device,
    kniName,
    mac: '02:00:00:00:00:01' as MacAddress,
    mtuBytes,
    isUp: true,
    speedMbps: 10_000,
    isFullDuplex: true,
    isPromiscuous: false,
    rxQueues: 1,
    txQueues: 1,
    isHashed: false,
    misdirected: 0,
    socket: 0,
    packets: { rx: 0, tx: 0 },
    bytes: { rx: 0, tx: 0 },
    errors: { rx: 0, tx: 0 },
    missed: 0,
    noBuffer: 0,
  };
}

function refused(reason: string): Result<never, DataplaneError> {
  return err({ type: 'dataplane.refused', reason });
}

function answer<T>(result: Result<T, DataplaneError>): Answer<T> {
  return Promise.resolve(result);
}
