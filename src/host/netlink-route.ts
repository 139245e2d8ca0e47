// Routes in rtnetlink (struct rtmsg, linux/rtnetlink.h): values to bytes, and of what the kernel
// tells as much as names a route. Pure.
import { ok, type Result } from 'neverthrow';
import { addressBytes, addressFromBytes, familyOf, ipAddress } from '../net/address.js';
import { hostLength, networkOf, type Prefix } from '../net/prefix.js';
import type {
  Encapsulation,
  KernelRoute,
  NextHop,
  ObjectNews,
  PathMetric,
} from '../ports/kernel-objects.js';
import {
  attribute,
  be64Attribute,
  concatenated,
  decodeAttributes,
  familyNumbers,
  isLittleEndian,
  malformed,
  type NetlinkError,
  nested,
  textAttribute,
  u8Attribute,
  u32Attribute,
  u32Of,
  unmarkedNested,
  viewOf,
} from './netlink-attributes.js';

/** The number of an interface, by the name that a value has. */
export type IndexOf = (name: string) => number;

const headerBytes = 12;
const hopHeaderBytes = 8;
const flagOnlink = 4;
const types = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
} as const;
const routeAttributes = {
  destination: 1,
  outputLink: 4,
  gateway: 5,
  priority: 6,
  preferredSource: 7,
  metrics: 8,
  multipath: 9,
  realms: 11,
  table: 15,
  via: 18,
  preference: 20,
  encapsulationType: 21,
  encapsulation: 22,
  expires: 23,
  propagatesTtl: 26,
} as const;
const metricNumbers: Readonly<Record<PathMetric, number>> = {
  mtu: 2,
  window: 3,
  rtt: 4,
  rttvar: 5,
  ssthresh: 6,
  cwnd: 7,
  advmss: 8,
  reordering: 9,
  hoplimit: 10,
  initcwnd: 11,
  features: 12,
  rto_min: 13,
  initrwnd: 14,
  quickack: 15,
  fastopen_no_cookie: 17,
};
const metricLock = 1;
const metricCongestionControl = 16;
const preferences = { medium: 0, high: 1, low: 3 } as const;
const encapsulationTypes = { mpls: 1, ip: 2, ila: 3, ip6: 4 } as const;
/** LWTUNNEL_IP_ and LWTUNNEL_IP6_: the same numbers under two names. */
const tunnelAttributes = { id: 1, destination: 2, source: 3, ttl: 4, tos: 5 } as const;
/** RTM_F_CLONED: the kernel's cache, no route of anyone's. */
const flagCloned = 0x200;

/** The payload of RTM_NEWROUTE and RTM_DELROUTE: the second must say the same as the first. */
export function encodeRoute(route: KernelRoute, indexOf: IndexOf): Uint8Array {
  const [only, ...others] = route.hops;
  const isOne = only !== undefined && others.length === 0;
  const header = new Uint8Array(headerBytes);
  const table = route.table < 256 ? route.table : 0;
  header.set([
    familyNumbers[route.family],
    route.destination.length,
    0,
    route.tos,
    table,
    route.protocol,
    route.scope,
    types[route.type],
  ]);
  viewOf(header).setUint32(8, isOne && only.isOnlink ? flagOnlink : 0, isLittleEndian);
  return concatenated([
    header,
    ...destinationParts(route),
    ...attributeParts(route),
    ...metricParts(route),
    ...(isOne ? singleHopParts(only, route, indexOf) : []),
    ...(others.length > 0 ? [multipath(route, indexOf)] : []),
  ]);
}

function destinationParts({ destination }: KernelRoute): Uint8Array[] {
  if (destination.length === 0) return [];
  return [attribute(routeAttributes.destination, addressBytes(networkOf(destination).address))];
}

function attributeParts(route: KernelRoute): Uint8Array[] {
  const { preferredSource, preference, propagatesTtl } = route;
  const numbers = [
    [routeAttributes.table, route.table < 256 ? null : route.table],
    [routeAttributes.priority, route.priority],
    [routeAttributes.expires, route.expiresSeconds],
  ] as const;
  const flags = [
    [routeAttributes.preference, preference === null ? null : preferences[preference]],
    [routeAttributes.propagatesTtl, propagatesTtl === null ? null : Number(propagatesTtl)],
  ] as const;
  return [
    ...numbers.flatMap(([type, value]) => (value === null ? [] : [u32Attribute(type, value)])),
    ...flags.flatMap(([type, value]) => (value === null ? [] : [u8Attribute(type, value)])),
    ...(preferredSource === null
      ? []
      : [attribute(routeAttributes.preferredSource, addressBytes(preferredSource))]),
  ];
}

function metricParts({ metrics, lockedMetrics, congestionControl }: KernelRoute): Uint8Array[] {
  const locks = lockedMetrics.reduce((bits, name) => bits | (1 << metricNumbers[name]), 0);
  const parts = [
    ...(locks === 0 ? [] : [u32Attribute(metricLock, locks)]),
    ...Object.entries(metrics).map(([name, value]) =>
      u32Attribute(metricNumbers[name as PathMetric], value),
    ),
    ...(congestionControl === null
      ? []
      : [textAttribute(metricCongestionControl, congestionControl)]),
  ];
  return parts.length === 0 ? [] : [unmarkedNested(routeAttributes.metrics, parts)];
}

function singleHopParts(hop: NextHop, route: KernelRoute, indexOf: IndexOf): Uint8Array[] {
  const { device } = hop;
  return [
    ...(device === null ? [] : [u32Attribute(routeAttributes.outputLink, indexOf(device))]),
    ...hopParts(hop, route),
  ];
}

/** What a hop says alone or as one of several. */
function hopParts({ gateway, realms, encapsulation }: NextHop, route: KernelRoute): Uint8Array[] {
  return [
    ...(gateway === null ? [] : [gatewayAttribute(gateway, route)]),
    ...(realms === null ? [] : [u32Attribute(routeAttributes.realms, realms)]),
    ...(encapsulation === null ? [] : encapsulationParts(encapsulation)),
  ];
}

/** An IPv4 route over an IPv6 gateway (RFC 5549) says it in an attribute of its own. */
function gatewayAttribute(
  gateway: NonNullable<NextHop['gateway']>,
  { family }: KernelRoute,
): Uint8Array {
  const bytes = addressBytes(gateway);
  if (familyOf(gateway) === family) return attribute(routeAttributes.gateway, bytes);
  const number = new Uint8Array(Uint16Array.of(familyNumbers[familyOf(gateway)]).buffer);
  return attribute(routeAttributes.via, concatenated([number, bytes]));
}

function multipath(route: KernelRoute, indexOf: IndexOf): Uint8Array {
  const hops = route.hops.map((hop) => {
    const parts = concatenated(hopParts(hop, route));
    const header = new Uint8Array(hopHeaderBytes);
    const view = viewOf(header);
    view.setUint16(0, hopHeaderBytes + parts.length, isLittleEndian);
    header[2] = hop.isOnlink ? flagOnlink : 0;
    header[3] = hop.weight - 1;
    view.setInt32(4, hop.device === null ? 0 : indexOf(hop.device), isLittleEndian);
    return concatenated([header, parts]);
  });
  return unmarkedNested(routeAttributes.multipath, hops);
}

function encapsulationParts(encapsulation: Encapsulation): Uint8Array[] {
  const type = new Uint8Array(Uint16Array.of(encapsulationTypes[encapsulation.type]).buffer);
  return [
    nested(routeAttributes.encapsulation, tunnelParts(encapsulation)),
    attribute(routeAttributes.encapsulationType, type),
  ];
}

function tunnelParts(tunnel: Encapsulation): Uint8Array[] {
  if (tunnel.type === 'mpls') return [attribute(1, labelStack(tunnel.labels))];
  if (tunnel.type === 'ila') return [be64Attribute(1, BigInt(tunnel.locator))];
  const { id, source, destination, ttl, tos } = tunnel;
  return [
    ...(id === null ? [] : [be64Attribute(tunnelAttributes.id, BigInt(id))]),
    ...(destination === null
      ? []
      : [attribute(tunnelAttributes.destination, addressBytes(destination))]),
    ...(source === null ? [] : [attribute(tunnelAttributes.source, addressBytes(source))]),
    ...(ttl === null ? [] : [u8Attribute(tunnelAttributes.ttl, ttl)]),
    ...(tos === null ? [] : [u8Attribute(tunnelAttributes.tos, tos)]),
  ];
}

/** RFC 3032: 20 bits of label, then the bottom of the stack at the last one. */
function labelStack(labels: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * 4);
  for (const [index, label] of labels.entries()) {
    const isLast = index === labels.length - 1;
    viewOf(bytes).setUint32(index * 4, label * 4096 + (isLast ? 256 : 0));
  }
  return bytes;
}

/** Of RTM_DELROUTE; null: not a route of the tables that we write. */
export function decodeDeletedRoute(payload: Uint8Array): Result<ObjectNews | null, NetlinkError> {
  if (payload.length < headerBytes) return malformed('route');
  const [number, length = 0, , , shortTable = 0] = payload;
  const family = familyOfNumber(number);
  if (family === null) return ok(null);
  if ((viewOf(payload).getUint32(8, isLittleEndian) & flagCloned) !== 0) return ok(null);
  return decodeAttributes(payload.subarray(headerBytes)).andThen((attributes) => {
    const bytes = attributes.get(routeAttributes.destination);
    const destination = prefixOf(bytes, length, family);
    if (destination === null) return malformed('route');
    const table = u32Of(attributes, routeAttributes.table) ?? shortTable;
    return ok({ type: 'route_deleted', family, destination, table } as const);
  });
}

export function familyOfNumber(number: number | undefined): 'ipv4' | 'ipv6' | null {
  if (number === familyNumbers.ipv4) return 'ipv4';
  return number === familyNumbers.ipv6 ? 'ipv6' : null;
}

function prefixOf(
  bytes: Uint8Array | undefined,
  length: number,
  family: 'ipv4' | 'ipv6',
): Prefix | null {
  const any = ipAddress(family === 'ipv4' ? '0.0.0.0' : '::');
  if (bytes !== undefined && bytes.length !== addressBytes(any).length) return null;
  const address = bytes === undefined ? any : addressFromBytes(bytes);
  return length > hostLength(address) ? null : { address, length };
}
