// The data plane in this process: the only file that loads the addon. Turns its answers into
// Results; everything else is in native/.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from 'neverthrow';
import type { Endpoint, IpAddress } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';
import { type DataplaneSettings, settingsDefaults } from '../net/settings.js';
import { Baselines } from './baselines.js';
import type {
  AddressStatus,
  Answer,
  ChangeFailure,
  CompanionStatistics,
  ConnectionFilter,
  ConnectionList,
  Dataplane,
  DataplaneError,
  LeaseStatus,
  LocalAddressCounters,
  NeighborStatus,
  OpenOptions,
  PortMisses,
  PortStatus,
  ServerCounters,
  ServiceCounters,
  SlowThreadStatistics,
  Statistics,
  Traffic,
  WorkerStatistics,
} from './dataplane.js';
import { serviceIdentity } from './difference.js';
import { noRate, Rates, sampleIntervalMs } from './rates.js';
import type {
  Address,
  Change,
  DesiredState,
  LocalAddressUse,
  Route,
  Server,
  Service,
  ServiceKey,
} from './state.js';
import { verdicts } from './verdicts.generated.js';

/** Source ports of one address: 1024..65535. */
const PORTS_PER_ADDRESS = 64512;

type CountedTraffic = Traffic & { readonly active: number; readonly inactive: number };
type RatesById = ReadonlyMap<number, Traffic>;
/** `id`: by which samples of counters find the object. */
type Counted = { readonly id: number; readonly traffic: CountedTraffic };

/** What the addon answers for each kind of query (native/binding/rows.cc). */
type Rows = {
  readonly addresses: AddressStatus;
  readonly leases: LeaseStatus & { readonly holder: string };
  readonly routes: Route;
  readonly settings: DataplaneSettings;
  readonly services: Service & Counted;
  readonly servers: Server & Counted;
  readonly localAddresses: LocalAddressUse;
  readonly sources: {
    readonly address: IpAddress;
    readonly device: string;
    readonly used: number;
    readonly missed: PortMisses;
    readonly missedServer?: Endpoint;
  };
  readonly ports: PortStatus;
  readonly neighbors: NeighborStatus;
  readonly slowThread: SlowThreadStatistics;
  readonly companions: CompanionStatistics;
  readonly workers: Omit<WorkerStatistics, 'verdicts'> & { readonly verdicts: readonly number[] };
};

type Reply<T> =
  | { readonly value: T }
  | { readonly refused: string }
  | { readonly differences: readonly string[] };

/** The calls of native/binding/addon.cc. */
type Binding = {
  open(options: OpenOptions): Reply<null>;
  apply(changes: readonly Change[]): Reply<readonly ChangeFailure[]>;
  lease(
    holder: string,
    device: string,
    addresses: readonly Prefix[],
    durationMs: number | null,
  ): Reply<null>;
  release(holder: string, addresses: readonly Prefix[]): Reply<null>;
  announce(device: string, addresses: readonly Prefix[]): Reply<null>;
  query<K extends keyof Rows>(kind: K): Reply<readonly Rows[K][]>;
  connections(filter: ConnectionFilter): Reply<ConnectionList>;
  /** Rows as rates.ts has them, of services with these ids; `end`: of all ids. */
  traffic(
    first: number,
    count: number,
  ): Reply<{
    readonly services: Float64Array;
    readonly servers: Float64Array;
    readonly end: number;
  }>;
  close(): Reply<null>;
};

/** Looked at in well under a millisecond, with their servers. */
const servicesPerPart = 256;

export class NativeDataplane implements Dataplane {
  readonly #binding: Binding;
  readonly #baselines = new Baselines();
  readonly #serviceRates = new Rates();
  readonly #serverRates = new Rates();
  #nextPart = 0;

  private constructor(binding: Binding) {
    this.#binding = binding;
  }

  static load(): Result<NativeDataplane, DataplaneError> {
    const path = addonPath(dirname(fileURLToPath(import.meta.url)));
    if (path === null) return refused('the data plane is not built; run npm run build');
    try {
      const binding = createRequire(import.meta.url)(path) as Binding;
      return ok(new NativeDataplane(binding));
    } catch (error) {
      return refused(`the data plane cannot be loaded: ${String(error)}; run scripts/setup.sh`);
    }
  }

  open(options: OpenOptions): Answer<void> {
    return answer(read(this.#binding.open(options)).map(nothing));
  }

  running(): Answer<DesiredState> {
    return answer(this.#running());
  }

  apply(changes: readonly Change[]): Answer<readonly ChangeFailure[]> {
    const failures = read(this.#binding.apply(changes));
    this.#baselines.forget(changes);
    return answer(failures);
  }

  lease(
    holder: string,
    device: string,
    addresses: readonly Prefix[],
    durationMs: number | null,
  ): Answer<void> {
    const reply = this.#binding.lease(holder, device, addresses, durationMs);
    return answer(read(reply).map(nothing));
  }

  release(holder: string, addresses: readonly Prefix[]): Answer<void> {
    return answer(read(this.#binding.release(holder, addresses)).map(nothing));
  }

  leases(holder: string): Answer<readonly LeaseStatus[]> {
    const leases = this.#query('leases').map((rows) =>
      rows
        .filter((row) => row.holder === holder)
        .map(({ prefix, device, remainingMs }) => ({ prefix, device, remainingMs })),
    );
    return answer(leases);
  }

  announce(device: string, addresses: readonly Prefix[]): Answer<void> {
    return answer(read(this.#binding.announce(device, addresses)).map(nothing));
  }

  addresses(): Answer<readonly AddressStatus[]> {
    return answer(this.#query('addresses'));
  }

  routes(): Answer<readonly Route[]> {
    return answer(this.#query('routes'));
  }

  ports(): Answer<readonly PortStatus[]> {
    return answer(this.#query('ports'));
  }

  neighbors(): Answer<readonly NeighborStatus[]> {
    return answer(this.#query('neighbors'));
  }

  statistics(): Answer<Statistics> {
    return answer(this.#statistics());
  }

  connections(filter: ConnectionFilter): Answer<ConnectionList> {
    return answer(read(this.#binding.connections(filter)));
  }

  zero(service: ServiceKey | null): Answer<void> {
    const services = this.#query('services');
    const servers = this.#query('servers');
    if (services.isErr()) return answer(err(services.error));
    if (servers.isErr()) return answer(err(servers.error));
    const wanted = service === null ? null : serviceIdentity(service);
    const isWanted = (key: ServiceKey): boolean =>
      wanted === null || serviceIdentity(key) === wanted;
    const zeroed = services.value.filter(({ key }) => isWanted(key));
    if (service !== null && zeroed.length === 0) return answer(refused('there is no such service'));
    for (const { key, traffic } of zeroed) this.#baselines.zeroService(key, traffic);
    for (const server of servers.value) {
      if (isWanted(server.service)) this.#baselines.zeroServer(server, server.traffic);
    }
    return answer(ok());
  }

  /**
   * Samples a part of the counters, as all of ten thousand services would keep changes and leases
   * waiting. Answers when to call again, so that each part has its turn every `sampleIntervalMs`.
   */
  sampleRates(nowMs: number): number {
    const part = this.#nextPart;
    const traffic = read(this.#binding.traffic(part * servicesPerPart, servicesPerPart));
    if (traffic.isErr()) return sampleIntervalMs;
    const { services, servers, end } = traffic.value;
    const parts = Math.max(1, Math.ceil(end / servicesPerPart));
    this.#serviceRates.take(part, { atMs: nowMs, rows: services }, parts);
    this.#serverRates.take(part, { atMs: nowMs, rows: servers }, parts);
    this.#nextPart = (part + 1) % parts;
    return sampleIntervalMs / parts;
  }

  /** Frames dropped as truncated on all workers; null while not open. Cheap at any size. */
  truncatedFrames(): number | null {
    const workers = this.#query('workers');
    if (workers.isErr()) return null;
    return workers.value.reduce(
      (sum, row) => sum + (byName(row.verdicts)['drop_truncated'] ?? 0),
      0,
    );
  }

  /** Source addresses and how often they had no port; none while not open. */
  sources(): readonly LocalAddressCounters[] {
    return this.#query('sources').unwrapOr([]).map(localAddressCounters);
  }

  portStatus(): readonly PortStatus[] {
    return this.#query('ports').unwrapOr([]);
  }

  close(): Answer<void> {
    return answer(read(this.#binding.close()).map(nothing));
  }

  #query<K extends keyof Rows>(kind: K): Result<readonly Rows[K][], DataplaneError> {
    return read(this.#binding.query(kind));
  }

  #running(): Result<DesiredState, DataplaneError> {
    const settings = this.#query('settings');
    const addresses = this.#query('addresses');
    const routes = this.#query('routes');
    const services = this.#query('services');
    const servers = this.#query('servers');
    const localAddresses = this.#query('localAddresses');
    if (settings.isErr()) return err(settings.error);
    if (addresses.isErr()) return err(addresses.error);
    if (routes.isErr()) return err(routes.error);
    if (services.isErr()) return err(services.error);
    if (servers.isErr()) return err(servers.error);
    if (localAddresses.isErr()) return err(localAddresses.error);
    return ok({
      settings: settings.value[0] ?? settingsDefaults,
      addresses: addresses.value.filter(isOwned),
      routes: routes.value,
      services: services.value.map(({ id: _, traffic: _traffic, ...service }) => service),
      servers: servers.value.map(({ id: _, traffic: _traffic, ...server }) => server),
      localAddresses: localAddresses.value,
    });
  }

  #statistics(): Result<Statistics, DataplaneError> {
    const workers = this.#query('workers');
    const services = this.#query('services');
    const servers = this.#query('servers');
    const sources = this.#query('sources');
    if (workers.isErr()) return err(workers.error);
    if (services.isErr()) return err(services.error);
    if (servers.isErr()) return err(servers.error);
    const slowThread = this.#query('slowThread');
    const companions = this.#query('companions');
    if (sources.isErr()) return err(sources.error);
    if (slowThread.isErr()) return err(slowThread.error);
    if (companions.isErr()) return err(companions.error);
    const serviceRates = this.#serviceRates.byId();
    const serverRates = this.#serverRates.byId();
    return ok({
      slowThread: slowThread.value[0] ?? { unresolvedDropped: 0, injectFull: 0, noBuffer: 0 },
      companions: companions.value,
      workers: workers.value.map((row) => ({ ...row, verdicts: byName(row.verdicts) })),
      services: services.value.map((row) => this.#serviceCounters(row, serviceRates)),
      servers: servers.value.map((row) => this.#serverCounters(row, serverRates)),
      localAddresses: sources.value.map(localAddressCounters),
    });
  }

  #serviceCounters({ key, id, traffic }: Rows['services'], rates: RatesById): ServiceCounters {
    const counted = this.#baselines.ofService(key, columnsOf(traffic));
    return { service: key, ...counted, rate: rates.get(id) ?? noRate };
  }

  #serverCounters(row: Rows['servers'], rates: RatesById): ServerCounters {
    const { service, endpoint, id, traffic } = row;
    const { active, inactive } = traffic;
    const counted = this.#baselines.ofServer(row, columnsOf(traffic));
    return { service, endpoint, ...counted, active, inactive, rate: rates.get(id) ?? noRate };
  }
}

/** build/Release/dataplane.node of the folder that has package.json; from src/ or build/src/. */
function addonPath(folder: string): string | null {
  const path = join(folder, 'build', 'Release', 'dataplane.node');
  if (existsSync(join(folder, 'package.json'))) return existsSync(path) ? path : null;
  const parent = dirname(folder);
  return parent === folder ? null : addonPath(parent);
}

function read<T>(reply: Reply<T>): Result<T, DataplaneError> {
  if ('value' in reply) return ok(reply.value);
  if ('refused' in reply) return refused(reply.refused);
  return err({ type: 'dataplane.restart_needed', differences: reply.differences });
}

function refused(reason: string): Result<never, DataplaneError> {
  return err({ type: 'dataplane.refused', reason });
}

function answer<T>(result: Result<T, DataplaneError>): Answer<T> {
  return Promise.resolve(result);
}

function nothing(): void {}

function columnsOf(traffic: CountedTraffic): Traffic {
  const { connections, inPackets, outPackets, inBytes, outBytes } = traffic;
  return { connections, inPackets, outPackets, inBytes, outBytes };
}

/** VRRP's addresses are leases; no plan touches them. */
function isOwned(address: AddressStatus): address is Address {
  return address.owner !== 'vrrp';
}

function byName(counts: readonly number[]): Record<string, number> {
  return Object.fromEntries(verdicts.map(({ name }, index) => [name, counts[index] ?? 0]));
}

/**
 * `used` counts connections to whatever server, `free` the ports that no connection holds: a lower
 * bound, since one port may serve connections to several servers at once.
 */
function localAddressCounters(row: Rows['sources']): LocalAddressCounters {
  const { address, device, used, missed, missedServer } = row;
  return {
    address,
    device,
    used,
    free: Math.max(0, PORTS_PER_ADDRESS - used),
    missed: missed.exhausted + missed.noShare + missed.notHeld,
    missedBy: missed,
    ...(missedServer === undefined ? {} : { missedServer }),
  };
}
