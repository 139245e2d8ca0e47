// What packets are told: the objects of the data plane, each with its identity, and the changes
// that lead from one state to another. Plain JSON, the same on the socket and at the addon's door.
import type { Endpoint, IpAddress } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';

/** The daemon's plan touches only what belongs to `config`; what an operator adds stays. */
export type Owner = 'config' | 'operator';

export type ServiceKey = Endpoint & { readonly protocol: 'TCP' | 'UDP' };
/** In the order of enum ks_scheduler. */
export const schedulers = ['rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'fo'] as const;
export type Scheduler = (typeof schedulers)[number];

export type Service = {
  readonly key: ServiceKey;
  readonly owner: Owner;
  readonly scheduler: Scheduler;
};
export type Server = {
  readonly service: ServiceKey;
  readonly endpoint: Endpoint;
  readonly owner: Owner;
  readonly method: 'FNAT';
  /** 0..65535 */
  readonly weight: number;
};
/** A source address (LIP) of a service's connections; also an address of the port `device`. */
export type LocalAddressUse = {
  readonly service: ServiceKey;
  readonly address: IpAddress;
  readonly device: string;
  readonly owner: Owner;
};
export type Address = { readonly prefix: Prefix; readonly device: string; readonly owner: Owner };
export type Route = {
  readonly destination: Prefix;
  readonly gateway: IpAddress | null;
  readonly device: string;
  readonly owner: Owner;
};

/**
 * Everything that a data plane runs, VRRP's leased addresses aside (the protocol loop owns those).
 */
export type DesiredState = {
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
  readonly services: readonly Service[];
  readonly servers: readonly Server[];
  readonly localAddresses: readonly LocalAddressUse[];
};

export type Change =
  | { readonly verb: 'add_address' | 'remove_address'; readonly address: Address }
  | { readonly verb: 'add_route' | 'remove_route'; readonly route: Route }
  | { readonly verb: 'add_service' | 'alter_service' | 'remove_service'; readonly service: Service }
  | { readonly verb: 'add_server' | 'alter_server' | 'remove_server'; readonly server: Server }
  | {
      readonly verb: 'add_local_address' | 'remove_local_address';
      readonly localAddress: LocalAddressUse;
    };
