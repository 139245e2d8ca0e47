// A line of static_routes or virtual_routes -> the route as the kernel gets it.
import type { Position } from '../../grammar/syntax-tree.js';
import { type AddressFamily, familyOf, ipAddress } from '../net/address.js';
import type { KernelRoute, NextHop, PathMetric } from '../ports/kernel-objects.js';
import type { Report } from './diagnostic.js';
import { encapsulationOf } from './kernel-encapsulation.js';
import { type KernelNames, numberOf } from './kernel-names.js';
import type { Metric, RouteEntry } from './route-entry.js';

export type RouteObject = {
  readonly route: KernelRoute;
  /** It is put back when someone deletes it. */
  readonly isTracked: boolean;
};

export type RouteLine = { readonly value: RouteEntry; readonly position: Position };

type Options = RouteEntry['options'];
type HopOptions = RouteEntry['hops'][number];
type Lookup = (kind: Parameters<KernelNames['number']>[0], word: string) => number | undefined;

const mainTable = 254;
const protocolKeepalived = 18;
const featureEcn = 1;
/** Those that go nowhere have no next hop. */
const hopless: ReadonlySet<string> = new Set(['unreachable', 'prohibit', 'blackhole', 'throw']);
/** Scopes that iproute2 gives to such routes; all others are global. */
const scopes: Readonly<Record<string, number>> = {
  local: 254,
  nat: 254,
  broadcast: 253,
  anycast: 253,
  multicast: 253,
};

/** undefined: it is wrong, and `report` has why. */
export function routeObject(
  line: RouteLine,
  names: KernelNames,
  report: Report,
): RouteObject | undefined {
  const { value: entry, position } = line;
  const { options } = entry;
  const family = familyOfRoute(entry);
  const lookUp: Lookup = (kind, word) => names.number(kind, word, position, report);
  const type = entry.type ?? 'unicast';
  const tos = options.tos === undefined ? 0 : lookUp('tos', options.tos);
  const table = options.table === undefined ? mainTable : lookUp('table', options.table);
  const protocol =
    options.protocol === undefined ? protocolKeepalived : lookUp('protocol', options.protocol);
  const scope =
    options.scope === undefined
      ? family === 'ipv4'
        ? (scopes[type] ?? 0)
        : 0
      : lookUp('scope', options.scope);
  const hops = hopsOf(line, lookUp, report);
  const destination = entry.destination ?? {
    address: ipAddress(family === 'ipv4' ? '0.0.0.0' : '::'),
    length: 0,
  };
  if (familyOf(destination.address) !== family) {
    const message = `${destination.address} and the rest of the route are of different families`;
    report.error('config.family_mix', position, message);
    return undefined;
  }
  if (tos === undefined || table === undefined || protocol === undefined) return undefined;
  if (scope === undefined || hops === undefined) return undefined;
  const route = {
    ...{ family, type, destination, tos, table, protocol, scope, hops },
    ...pathOf(options, family),
  };
  return { route, isTracked: options.no_track === undefined };
}

function pathOf(
  options: Options,
  family: AddressFamily,
): Omit<
  KernelRoute,
  'family' | 'type' | 'destination' | 'tos' | 'table' | 'protocol' | 'scope' | 'hops'
> {
  const propagation = options['ttl-propagate'];
  return {
    priority: options.metric ?? null,
    preferredSource: options.src ?? null,
    // The kernel has it of IPv6 alone, as the preference of a router.
    expiresSeconds: family === 'ipv6' ? (options.expires ?? null) : null,
    preference: family === 'ipv6' ? (options.pref ?? null) : null,
    propagatesTtl: propagation === undefined ? null : propagation === 'enabled',
    metrics: metricsOf(options),
    lockedMetrics: metricNames.filter((name) => written(options, name)?.isLocked === true),
    congestionControl: options.congctl ?? null,
  };
}

/** Named as the kernel does. */
function familyOfRoute({ family, destination, options, hops }: RouteEntry): AddressFamily {
  if (family !== null) return family === 'inet' ? 'ipv4' : 'ipv6';
  const gateway = options.via ?? hops.find(({ via }) => via !== undefined)?.via;
  const address = destination?.address ?? gateway?.address ?? options.src;
  return address === undefined ? 'ipv4' : familyOf(address);
}

/** undefined: one is wrong. */
function hopsOf(line: RouteLine, lookUp: Lookup, report: Report): readonly NextHop[] | undefined {
  const { value: entry, position } = line;
  const { options } = entry;
  const wrong = (message: string): undefined => {
    report.error('config.bad_argument', position, message);
  };
  if (entry.hops.length === 0) {
    const { via, dev, encap } = options;
    if (via === undefined && dev === undefined && encap === undefined) {
      if (hopless.has(entry.type ?? '')) return [];
      return wrong('a route needs via GATEWAY or dev INTERFACE');
    }
    const hop = hopOf(options, lookUp, line, report);
    return hop === undefined ? undefined : [hop];
  }
  const hops: NextHop[] = [];
  for (const one of entry.hops) {
    const hop = hopOf(one, lookUp, line, report);
    if (hop === undefined) return undefined;
    if (hop.gateway === null && hop.device === null) {
      return wrong('each nexthop needs via GATEWAY or dev INTERFACE');
    }
    hops.push(hop);
  }
  return hops;
}

function hopOf(
  { via, dev, weight, onlink, realms, encap }: HopOptions,
  lookUp: Lookup,
  { position }: RouteLine,
  report: Report,
): NextHop | undefined {
  const number = realms === undefined ? null : realmsOf(realms, lookUp);
  const encapsulation = encap === undefined ? null : encapsulationOf(encap, position, report);
  if (number === undefined || encapsulation === undefined) return undefined;
  return {
    gateway: via?.address ?? null,
    device: dev ?? null,
    weight: weight ?? 1,
    isOnlink: onlink === true,
    realms: number,
    encapsulation,
  };
}

/** "FROM/TO" or "TO", in one number of 32 bits. */
export function realmsOf(text: string, lookUp: Lookup): number | undefined {
  const [first = '', second] = text.split('/');
  const from = second === undefined ? 0 : lookUp('realm', first);
  const to = lookUp('realm', second ?? first);
  return from === undefined || to === undefined ? undefined : from * 0x10000 + to;
}

const counted = [
  ...(['mtu', 'advmss', 'reordering', 'window', 'cwnd', 'ssthresh'] as const),
  ...(['initcwnd', 'initrwnd', 'hoplimit'] as const),
];
/** Times, and how many of the kernel's units are a millisecond. */
const timed = { rtt: 8, rttvar: 4, rto_min: 1 } as const;
const metricNames = [...counted, ...(Object.keys(timed) as (keyof typeof timed)[])];

function written(
  options: Options,
  name: (typeof metricNames)[number],
): Metric<unknown> | undefined {
  return options[name];
}

function metricsOf(options: Options): Readonly<Partial<Record<PathMetric, number>>> {
  const metrics: Partial<Record<PathMetric, number>> = {};
  for (const name of counted) {
    const metric = options[name];
    if (metric !== undefined) metrics[name] = metric.value;
  }
  for (const [name, perMs] of Object.entries(timed) as [keyof typeof timed, number][]) {
    const metric = options[name];
    if (metric !== undefined) metrics[name] = timeOf(metric.value, perMs);
  }
  if (options.ttl !== undefined && options.hoplimit === undefined) metrics.hoplimit = options.ttl;
  if (options.quickack !== undefined) metrics.quickack = options.quickack;
  if (options.features !== undefined) metrics.features = featureEcn;
  if (options.fastopen_no_cookie !== undefined) {
    metrics.fastopen_no_cookie = options.fastopen_no_cookie;
  }
  return metrics;
}

/** Without a unit it is the kernel's own already. */
function timeOf(text: string, perMs: number): number {
  const raw = numberOf(text);
  if (raw !== undefined) return raw;
  const value = Number.parseFloat(text);
  const unit = text.replace(/^[0-9.]+/, '');
  const ms: Readonly<Record<string, number>> = { s: 1e3, ms: 1, us: 1e-3, ns: 1e-6 };
  const factor = ms[unit];
  const units = factor === undefined ? value : value * factor * perMs;
  return Math.min(Math.ceil(units), 0xffffffff);
}
