// The shapes of the objects of a data plane and of their changes: what a request on the socket must
// look like. Whether an object can be made is the data plane's to say.
import { ok } from 'neverthrow';
import { compareAddresses, familyOf, type IpAddress } from '../net/address.js';
import {
  clientAddresses,
  countMax,
  forwardingMethods,
  hashTargets,
  type Match,
  maglevSlotCounts,
  type Persistence,
  persistenceSecondsMax,
  protocols,
  proxyProtocols,
  type ServerOptions,
  type ServiceOptions,
  schedulers,
  type TrafficRange,
  type Tunnel,
  timeoutSecondsMax,
  transportProtocols,
  tunnelTypes,
  weightMax,
} from '../net/service.js';
import {
  type DataplaneSettings,
  type Timeouts,
  timeoutNames,
  uoaModes,
  uoaPacketsMax,
} from '../net/settings.js';
import {
  address,
  endpoint,
  isObject,
  list,
  mismatch,
  name,
  nullable,
  object,
  oneOf,
  port,
  prefix,
  type Shape,
  truth,
  variant,
  whole,
} from './shape.js';
import type {
  Address,
  AddressKey,
  Change,
  LocalAddressUse,
  MatchKey,
  Route,
  Server,
  Service,
  ServiceKey,
} from './state.js';

export const device = name(64);
const owner = oneOf('config', 'operator');
const changesMax = 65_536;

const addressSpan: Shape<{ readonly first: IpAddress; readonly last: IpAddress }> = (value) => {
  const span = object<{ first: IpAddress; last: IpAddress }>({ first: address, last: address });
  const checked = span(value);
  if (checked.isErr()) return checked;
  const { first, last } = checked.value;
  const isSpan = familyOf(first) === familyOf(last) && compareAddresses(first, last) <= 0;
  return isSpan ? checked : mismatch('a first and a last address of one family');
};

const portSpan: Shape<{ readonly first: number; readonly last: number }> = (value) => {
  const checked = object<{ first: number; last: number }>({ first: port, last: port })(value);
  if (checked.isErr() || checked.value.first <= checked.value.last) return checked;
  return mismatch('a first and a last port');
};

const range = nullable(
  object<TrafficRange>({ addresses: nullable(addressSpan), ports: nullable(portSpan) }),
);

const match: Shape<Match> = (value) => {
  const checked = object<Match>({
    family: oneOf('ipv4', 'ipv6'),
    source: range,
    destination: range,
    inDevice: nullable(device),
    outDevice: nullable(device),
  })(value);
  if (checked.isErr()) return checked;
  const { family, source, destination } = checked.value;
  const isOther = (one: TrafficRange | null): boolean =>
    one !== null && one.addresses !== null && familyOf(one.addresses.first) !== family;
  return isOther(source) || isOther(destination) ? mismatch(`ranges of ${family}`) : checked;
};

const addressKey = object<AddressKey>({ address, port, protocol: oneOf(...transportProtocols) });
const matchKey = object<MatchKey>({ protocol: oneOf(...protocols), match });

export const serviceKey: Shape<ServiceKey> = (value) =>
  isObject(value) && Object.hasOwn(value, 'match') ? matchKey(value) : addressKey(value);

const timeout = whole(1, timeoutSecondsMax);

const persistence = object<Persistence>({
  seconds: whole(1, persistenceSecondsMax),
  bits: whole(1, 128),
});

const maglevSlots: Shape<number> = (value) => {
  const found = maglevSlotCounts.find((one) => one === value);
  return found === undefined ? mismatch(`one of ${maglevSlotCounts.join(', ')}`) : ok(found);
};

/** Members of the state's objects, so that none can be forgotten here. */
type Shapes<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

const serviceOptions: Shapes<ServiceOptions> = {
  scheduler: oneOf(...schedulers),
  hashesPort: truth,
  hashFallsBack: truth,
  hashTarget: oneOf(...hashTargets),
  persistence: nullable(persistence),
  isOnePacket: truth,
  isQuic: truth,
  expiresQuiescent: truth,
  proxyProtocol: oneOf(...proxyProtocols),
  clientAddress: oneOf(...clientAddresses),
  keepsClientToa: truth,
  rejects: truth,
  establishedSeconds: nullable(timeout),
  maglevSlots: nullable(maglevSlots),
  connectionsMax: nullable(whole(1, countMax)),
};

const tunnel = object<Tunnel>({ type: oneOf(...tunnelTypes), port, hasChecksum: truth });

const serverOptions: Shapes<ServerOptions> = {
  method: oneOf(...forwardingMethods),
  tunnel: nullable(tunnel),
  weight: whole(0, weightMax),
  upperThreshold: whole(0, countMax),
  lowerThreshold: whole(0, countMax),
};

const timeouts = object<Timeouts>(
  Object.fromEntries(timeoutNames.map((one) => [one, timeout])) as Shapes<Timeouts>,
);

export const settings = object<DataplaneSettings>({
  timeouts,
  timeoutsOwner: owner,
  forwardsIpv4: truth,
  forwardsIpv6: truth,
  uoaMode: oneOf(...uoaModes),
  uoaPackets: whole(0, uoaPacketsMax),
  expiresQuiescentTemplates: truth,
  dropsUnservedUdp: truth,
  dropsStrayTcp: truth,
});

const addressChange = object({
  verb: oneOf('add_address', 'remove_address'),
  address: object<Address>({ prefix, device, owner }),
});
const routeChange = object({
  verb: oneOf('add_route', 'remove_route'),
  route: object<Route>({
    ...{ destination: prefix, gateway: nullable(address), device },
    owner: oneOf('config', 'operator', 'vrrp'),
  }),
});
const serviceChange = object({
  verb: oneOf('add_service', 'alter_service', 'remove_service'),
  service: object<Service>({ key: serviceKey, owner, ...serviceOptions }),
});
const serverChange = object({
  verb: oneOf('add_server', 'alter_server', 'remove_server'),
  server: object<Server>({ service: serviceKey, endpoint, owner, ...serverOptions }),
});
const localAddressChange = object({
  verb: oneOf('add_local_address', 'remove_local_address'),
  localAddress: object<LocalAddressUse>({
    ...{ service: serviceKey, address, device, owner },
    isLeased: truth,
  }),
});

const change = variant<Change>('verb', {
  add_address: addressChange,
  remove_address: addressChange,
  add_route: routeChange,
  remove_route: routeChange,
  add_service: serviceChange,
  alter_service: serviceChange,
  remove_service: serviceChange,
  add_server: serverChange,
  alter_server: serverChange,
  remove_server: serverChange,
  add_local_address: localAddressChange,
  remove_local_address: localAddressChange,
  set_settings: object({ verb: oneOf('set_settings'), settings }),
});

export const changes: Shape<readonly Change[]> = list(change, changesMax);
