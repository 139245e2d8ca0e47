// What packets are told: the objects of the data plane, each with its identity, and the changes
// that lead from one state to another. Plain JSON, the same on the socket and at the addon's door.
import type { Endpoint, IpAddress } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';
import type {
  Match,
  Protocol,
  ServerOptions,
  ServiceOptions,
  TransportProtocol,
} from '../net/service.js';
import { type DataplaneSettings, settingsDefaults } from '../net/settings.js';

/** The daemon's plan touches only what belongs to `config`; what an operator adds stays. */
export type Owner = 'config' | 'operator';

/** Port 0: any port. */
export type AddressKey = Endpoint & { readonly protocol: TransportProtocol };
export type MatchKey = { readonly protocol: Protocol; readonly match: Match };
export type ServiceKey = AddressKey | MatchKey;

export type Service = ServiceOptions & { readonly key: ServiceKey; readonly owner: Owner };
export type Server = ServerOptions & {
  readonly service: ServiceKey;
  /** Port 0: the one that the client asked for. */
  readonly endpoint: Endpoint;
  readonly owner: Owner;
};
/** A source address (LIP) of a service's connections; also an address of the port `device`. */
export type LocalAddressUse = {
  readonly service: ServiceKey;
  readonly address: IpAddress;
  readonly device: string;
  readonly owner: Owner;
  /** It is there only while a VRRP instance leases it. */
  readonly isLeased: boolean;
};
export type Address = { readonly prefix: Prefix; readonly device: string; readonly owner: Owner };
export type Route = {
  readonly destination: Prefix;
  readonly gateway: IpAddress | null;
  readonly device: string;
  /** vrrp: of an instance that is MASTER; the protocol loop has put it there. */
  readonly owner: Owner | 'vrrp';
};

/**
 * Everything that a data plane runs, VRRP's leased addresses aside (the protocol loop owns those,
 * and the routes of VRRP).
 */
export type DesiredState = {
  readonly settings: DataplaneSettings;
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
  readonly services: readonly Service[];
  readonly servers: readonly Server[];
  readonly localAddresses: readonly LocalAddressUse[];
};

/** What runs when nobody has said anything. */
export const emptyState: DesiredState = {
  settings: settingsDefaults,
  addresses: [],
  routes: [],
  services: [],
  servers: [],
  localAddresses: [],
};

export type Change =
  | { readonly verb: 'add_address' | 'remove_address'; readonly address: Address }
  | { readonly verb: 'add_route' | 'remove_route'; readonly route: Route }
  | { readonly verb: 'add_service' | 'alter_service' | 'remove_service'; readonly service: Service }
  | { readonly verb: 'add_server' | 'alter_server' | 'remove_server'; readonly server: Server }
  | {
      readonly verb: 'add_local_address' | 'remove_local_address';
      readonly localAddress: LocalAddressUse;
    }
  | { readonly verb: 'set_settings'; readonly settings: DataplaneSettings };
