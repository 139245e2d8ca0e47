// The data plane as the rest of the daemon sees it. Answered by native.ts (same process, the
// addon), by client.ts (over the data plane process's socket) and by test/sim/dataplane.ts
// (memory).
import type { Result } from 'neverthrow';
import type { Endpoint, IpAddress } from '../net/address.js';
import type { MacAddress } from '../net/mac.js';
import type { Prefix } from '../net/prefix.js';
import type { ForwardingMethod, Protocol } from '../net/service.js';
import type { Change, DesiredState, Owner, Route, ServiceKey } from './state.js';

export type DataplaneError =
  /** The data plane refused: `reason` is a whole sentence with the cause and what to do. */
  | { readonly type: 'dataplane.refused'; readonly reason: string }
  /** Running with other ports, workers or memory than asked; only a restart changes those. */
  | { readonly type: 'dataplane.restart_needed'; readonly differences: readonly string[] }
  /** No process answers at the socket, or it went away. */
  | { readonly type: 'dataplane.unreachable'; readonly reason: string };

export type PortOptions = {
  readonly name: string;
  readonly device: string;
  readonly kniName: string;
  readonly mtuBytes: number;
};

/** What only a start can set. */
export type OpenOptions = {
  /** DPDK file-prefix, unique per instance on a host. */
  readonly filePrefix: string;
  readonly workers: number;
  /** CPU of each worker; empty: the data plane chooses. */
  readonly workerCpus: readonly number[];
  readonly poll: 'busy' | 'adaptive';
  readonly connectionsMax: number;
  readonly packetBuffers: number;
  readonly hugepages: 'auto' | 'on' | 'off';
  readonly ports: readonly PortOptions[];
};

export type ChangeFailure = { readonly index: number; readonly reason: string };

export type LeaseStatus = {
  readonly prefix: Prefix;
  readonly device: string;
  /**
   * Milliseconds left; null: not leased, stays until released. Never negative (expired ones are
   * gone).
   */
  readonly remainingMs: number | null;
};

export type PortStatus = {
  readonly name: string;
  readonly device: string;
  readonly kniName: string;
  readonly mac: MacAddress;
  readonly mtuBytes: number;
  readonly isUp: boolean;
  /** Mbit/s, 0 when unknown. */
  readonly speedMbps: number;
  readonly isFullDuplex: boolean;
  readonly isPromiscuous: boolean;
  readonly rxQueues: number;
  readonly txQueues: number;
  /** Its own hash and table spread packets over the workers; else software does. */
  readonly isHashed: boolean;
  /** Packets that its hash gave to another worker than their owner. */
  readonly misdirected: number;
  readonly socket: number;
  readonly packets: { readonly rx: number; readonly tx: number };
  readonly bytes: { readonly rx: number; readonly tx: number };
  readonly errors: { readonly rx: number; readonly tx: number };
  readonly missed: number;
  readonly noBuffer: number;
};

export type NeighborStatus = {
  readonly address: IpAddress;
  /** All zero while the address is being resolved. */
  readonly mac: MacAddress;
  readonly state: 'NONE' | 'SEND' | 'REACHABLE' | 'PROBE' | 'DELAY';
  readonly device: string;
  readonly isStatic: boolean;
};

/** The columns of `ipvsadm --stats`. */
export type Traffic = {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
};

/** Totals since the object was made, or since the last `zero`. */
export type ServiceCounters = Traffic & {
  readonly service: ServiceKey;
  /** Per second, of the last seconds. */
  readonly rate: Traffic;
};

export type ServerCounters = ServiceCounters & {
  readonly endpoint: Endpoint;
  readonly active: number;
  readonly inactive: number;
};

/** Which connections; null: any. */
export type ConnectionFilter = {
  readonly protocol: Protocol | null;
  readonly client: PartialEndpoint;
  /** As the client sees it. */
  readonly destination: PartialEndpoint;
  readonly server: PartialEndpoint;
  /** Persistence's alone. */
  readonly isTemplate: boolean;
  readonly rowsMax: number;
};

/** address null, port 0: any. */
export type PartialEndpoint = { readonly address: IpAddress | null; readonly port: number };

export type ConnectionStatus = {
  readonly worker: number;
  readonly protocol: Protocol;
  /** A word of LVS: "ESTABLISHED". */
  readonly state: string;
  readonly method: ForwardingMethod;
  /** Of persistence: the client under its mask, with port 0. */
  readonly isTemplate: boolean;
  readonly expiresSeconds: number;
  readonly client: Endpoint;
  readonly destination: Endpoint;
  /** What the server sees as its client. */
  readonly local: Endpoint;
  readonly server: Endpoint;
};

export type ConnectionList = {
  readonly connections: readonly ConnectionStatus[];
  /** There were more than asked for. */
  readonly isCut: boolean;
};

export type LocalAddressCounters = {
  readonly address: IpAddress;
  readonly device: string;
  readonly used: number;
  readonly free: number;
  /** How often it had no port for a new connection (`sa_miss`), and by cause. */
  readonly missed: number;
  readonly missedBy: PortMisses;
  /** Towards this server all ports were in use, the latest time that happened. */
  readonly missedServer?: Endpoint;
};

export type PortMisses = {
  /** Every port that the worker owns is in use towards the server. */
  readonly exhausted: number;
  /** The port's RSS table gives the worker no local port towards the server. */
  readonly noShare: number;
  /** The address is not held now. */
  readonly notHeld: number;
};

export type WorkerStatistics = {
  readonly worker: number;
  readonly cpu: number;
  readonly connections: number;
  readonly rx: number;
  /** Frames of the slow thread and of workers without a queue, sent here or not taken. */
  readonly injected: number;
  readonly injectFailed: number;
  /** Packets of local stacks whose partial checksum was completed. */
  readonly checksumsCompleted: number;
  /** Packets that went to a server without TOA or UOA, because there was no room for it. */
  readonly untold: number;
  /** How many packets ended with each verdict of verdict.def, by its name. */
  readonly verdicts: Readonly<Record<string, number>>;
};

/** What the thread for ARP and companion interfaces let go of, by cause. */
export type SlowThreadStatistics = {
  readonly unresolvedDropped: number;
  readonly injectFull: number;
  readonly noBuffer: number;
};

export type CompanionStatistics = {
  readonly device: string;
  readonly toKernel: number;
  readonly fromKernel: number;
  readonly dropped: number;
};

export type Statistics = {
  readonly slowThread: SlowThreadStatistics;
  readonly companions: readonly CompanionStatistics[];
  readonly workers: readonly WorkerStatistics[];
  readonly services: readonly ServiceCounters[];
  readonly servers: readonly ServerCounters[];
  readonly localAddresses: readonly LocalAddressCounters[];
};

export type AddressStatus = {
  readonly prefix: Prefix;
  readonly device: string;
  readonly owner: Owner | 'vrrp';
};

export type Answer<T> = Promise<Result<T, DataplaneError>>;

export interface Dataplane {
  /** Starts ports and workers; succeeds when already open with the same options. */
  open(options: OpenOptions): Answer<void>;
  /** What runs now, in the same shape as what is desired. */
  running(): Answer<DesiredState>;
  /** Applies in order and goes on after a failure; answers with every change that failed. */
  apply(changes: readonly Change[]): Answer<readonly ChangeFailure[]>;
  /**
   * Holds addresses on a port for a VRRP instance (`holder`), or renews them. After `durationMs`
   * without a renewal they are gone: no ARP answer, no service. null: until released.
   */
  lease(
    holder: string,
    device: string,
    addresses: readonly Prefix[],
    durationMs: number | null,
  ): Answer<void>;
  release(holder: string, addresses: readonly Prefix[]): Answer<void>;
  leases(holder: string): Answer<readonly LeaseStatus[]>;
  /** One gratuitous ARP request per address, from the port's own MAC. */
  announce(device: string, addresses: readonly Prefix[]): Answer<void>;
  addresses(): Answer<readonly AddressStatus[]>;
  /** Those of `running`, without the rest. */
  routes(): Answer<readonly Route[]>;
  ports(): Answer<readonly PortStatus[]>;
  neighbors(): Answer<readonly NeighborStatus[]>;
  statistics(): Answer<Statistics>;
  connections(filter: ConnectionFilter): Answer<ConnectionList>;
  /** Counts of this service and its servers, or of all, begin again. */
  zero(service: ServiceKey | null): Answer<void>;
  /** Ends the data plane: packets stop. */
  close(): Answer<void>;
}

export function describeDataplaneError(error: DataplaneError): string {
  switch (error.type) {
    case 'dataplane.refused':
      return error.reason;
    case 'dataplane.restart_needed':
      return `the data plane must be restarted to change ${error.differences.join(', ')}`;
    case 'dataplane.unreachable':
      return `the data plane does not answer: ${error.reason}`;
  }
}
