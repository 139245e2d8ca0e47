// Routes as keepalived's files show them: its words in its order, numbers instead of names.
import type { RouteObject } from '../../config/kernel-route.js';
import type { PortRoute } from '../../config/port-objects.js';
import { familyOf, type IpAddress } from '../../net/address.js';
import { formatPrefix } from '../../net/prefix.js';
import type {
  Encapsulation,
  KernelRoute,
  NextHop,
  PathMetric,
} from '../../ports/kernel-objects.js';

export const protocolKeepalived = 18;
const mainTable = 254;

const metrics: readonly PathMetric[] = [
  ...(['rtt', 'rttvar', 'rto_min', 'features', 'mtu', 'window', 'ssthresh', 'cwnd'] as const),
  ...(['advmss', 'reordering', 'hoplimit', 'initcwnd', 'initrwnd'] as const),
  ...(['quickack', 'fastopen_no_cookie'] as const),
];
/** The kernel's units in a millisecond. */
const perMs: Readonly<Partial<Record<PathMetric, number>>> = { rtt: 8, rttvar: 4, rto_min: 1 };

export function routeText({ route, isTracked }: RouteObject): string {
  const [hop] = route.hops;
  const only = route.hops.length === 1 && hop !== undefined ? hop : null;
  // Without an interface nobody could tell that it is gone.
  const isWatched = isTracked && only !== null && only.device !== null;
  return [
    ...(route.type === 'unicast' ? ['prepend'] : ['add', route.type]),
    formatPrefix(route.destination),
    ...(route.preferredSource === null ? [] : [`src ${route.preferredSource}`]),
    ...(route.tos === 0 ? [] : [`tos ${route.tos}`]),
    ...(only === null ? [] : wayWords(only)),
    ...numberWords(route, isTracked),
    ...(only?.isOnlink === true ? ['onlink'] : []),
    ...(only === null ? [] : realmWords(only)),
    ...pathWords(route),
    ...(only === null ? route.hops.map(hopText) : []),
    ...(isWatched ? [] : ['no_track']),
  ].join(' ');
}

/** One that the data plane has in place of the kernel. */
export function portRouteText({ destination, gateway, device }: PortRoute): string {
  return [`prepend ${formatPrefix(destination)}`, ...viaWords(gateway), `dev ${device}`].join(' ');
}

function wayWords({ encapsulation, gateway, device }: NextHop): string[] {
  return [
    ...(encapsulation === null ? [] : [encapsulationText(encapsulation)]),
    ...viaWords(gateway),
    ...(device === null ? [] : [`dev ${device}`]),
  ];
}

function viaWords(gateway: IpAddress | null): string[] {
  if (gateway === null) return [];
  return [`via ${familyOf(gateway) === 'ipv4' ? 'inet' : 'inet6'} ${gateway}`];
}

function numberWords({ type, table, protocol, scope, priority }: KernelRoute, isTracked: boolean) {
  return [
    ...(table === mainTable ? [] : [`table ${table}`]),
    ...(isTracked || protocol !== protocolKeepalived ? [`proto ${protocol}`] : []),
    ...(type === 'unicast' && scope !== 0 ? [`scope ${scope}`] : []),
    ...(priority === null ? [] : [`metric ${priority}`]),
  ];
}

function realmWords({ realms }: NextHop): string[] {
  if (realms === null) return [];
  const from = Math.floor(realms / 0x10000);
  return from === 0 ? [`realm ${realms}`] : [`realms ${from}/${realms % 0x10000}`];
}

function pathWords(route: KernelRoute): string[] {
  const { expiresSeconds, congestionControl, preference, propagatesTtl } = route;
  return [
    ...(expiresSeconds === null ? [] : [`expires ${expiresSeconds}sec`]),
    ...(congestionControl === null ? [] : [`congctl ${congestionControl}`]),
    ...metrics.flatMap((name) => metricWord(name, route) ?? []),
    ...(preference === null ? [] : [`pref ${preference}`]),
    ...(propagatesTtl === null ? [] : [`ttl-propagate ${propagatesTtl ? 'enabled' : 'disabled'}`]),
  ];
}

function metricWord(name: PathMetric, route: KernelRoute): string | undefined {
  const value = route.metrics[name];
  if (value === undefined) return undefined;
  if (name === 'features') return 'features ecn';
  const units = perMs[name];
  const text = units === undefined ? `${value}` : `${Math.ceil(value / units)}ms`;
  return `${name} ${route.lockedMetrics.includes(name) ? 'lock ' : ''}${text}`;
}

function hopText(hop: NextHop): string {
  return [
    'nexthop',
    ...viaWords(hop.gateway),
    ...(hop.device === null ? [] : [`dev ${hop.device}`]),
    ...(hop.weight === 1 ? [] : [`weight ${hop.weight}`]),
    ...(hop.isOnlink ? ['onlink'] : []),
    ...realmWords(hop),
    ...(hop.encapsulation === null ? [] : [encapsulationText(hop.encapsulation)]),
  ].join(' ');
}

function encapsulationText(one: Encapsulation): string {
  if (one.type === 'mpls') return `encap mpls ${one.labels.join('/')}`;
  if (one.type === 'ila') return `encap ila ${one.locator}`;
  const [tos, ttl] = one.type === 'ip' ? ['tos', 'ttl'] : ['tc', 'hoplimit'];
  const words: readonly (readonly [string, string | number | null])[] = [
    ['id', one.id],
    ['dst', one.destination],
    ['src', one.source],
    [tos, one.tos],
    [ttl, one.ttl],
  ];
  const said = words.flatMap(([word, value]) => (value === null ? [] : [`${word} ${value}`]));
  return [`encap ${one.type}`, ...said].join(' ');
}
