// Routes as static_routes and virtual_routes have one on each line, in the words of iproute2:
// "10.0.0.0/8 via 192.0.2.1 dev eth0 metric 5", with several next hops if need be.
import type { IpAddress } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';
import {
  keptOptions,
  mark,
  type Options,
  option,
  readOption,
  unknownOption,
  writeOptions,
} from './options.js';
import {
  address,
  argument,
  choice,
  integer,
  interfaceName,
  type Phrase,
  prefix,
  word,
} from './phrases.js';
import type { WordReader } from './word-reader.js';

const uint32 = integer(0, 4_294_967_295);
const octet = integer(0, 255);
const zeroOrOne = integer(0, 1);

const routeTypes = [
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'unreachable',
  'prohibit',
  'blackhole',
  'throw',
  'nat',
] as const;

/** `via [inet|inet6] ADDRESS`. */
export type Via = { readonly family: 'inet' | 'inet6' | null; readonly address: IpAddress };

const via: Phrase<Via> = {
  shape: '[inet|inet6] ADDRESS',
  read: (words) => {
    const family = (words.takeIf('inet', 'inet6')?.text ?? null) as Via['family'];
    const gateway = address.read(words);
    return gateway === undefined ? undefined : { family, address: gateway };
  },
  write: (value) => [...(value.family === null ? [] : [value.family]), value.address],
};

/** `lock N` as iproute2 has it in front of a metric of the path. */
export type Metric<T> = { readonly value: T; readonly isLocked: boolean };

function metric<T>(phrase: Phrase<T>): Phrase<Metric<T>> {
  return {
    shape: `[lock] ${phrase.shape}`,
    read: (words) => {
      const isLocked = words.takeIf('lock') !== undefined;
      const value = phrase.read(words);
      return value === undefined ? undefined : { value, isLocked };
    },
    write: ({ value, isLocked }) => [...(isLocked ? ['lock'] : []), ...phrase.write(value)],
  };
}

const count = metric(uint32);
/** "200ms", "1.5s" or a number in the kernel's own units. */
const time = metric(
  argument('TIME', 'a time, as in 200ms or 1.5s', (text) =>
    /^[0-9]+(\.[0-9]+)?(s|ms|us|ns|j)?$/.test(text) ? text : undefined,
  ),
);

/** `encap TYPE …`: the words up to the next option are its own. */
const encapWords: ReadonlySet<string> = new Set([
  'mpls',
  'ip',
  'ip6',
  'ila',
  'id',
  'dst',
  'src',
  'tos',
  'tc',
  'ttl',
  'hoplimit',
  'flags',
]);

const encap: Phrase<readonly string[]> = {
  shape: 'mpls LABEL[/LABEL…] | ip|ip6 [id N] [dst ADDRESS] [src ADDRESS] [tos N] [ttl N] | ila N',
  read: (words) => {
    const type = choice('mpls', 'ip', 'ip6', 'ila').read(words);
    if (type === undefined) return undefined;
    const found: string[] = [type];
    const take = (): void => {
      const one = words.take();
      if (one !== undefined) found.push(one.text);
    };
    if (type === 'mpls' || type === 'ila') take();
    else {
      while (encapWords.has(words.peek()?.text ?? '')) {
        take();
        take();
      }
    }
    if (found.length < 2) return words.missing(`encap ${type} …`);
    return found;
  },
  write: (value) => value,
};

const scope = word('host|link|global|site|nowhere|NUMBER');
const metricOption = option('Of several routes the one with the least counts.', uint32);
const gateway = option('Gateway that packets are handed to.', via);

export const routeOptions = {
  via: gateway,
  gw: { ...gateway, sameAs: 'via' },
  dev: option('Interface that packets leave by.', interfaceName),
  oif: { ...option('Interface that packets leave by.', interfaceName), sameAs: 'dev' },
  src: option('Source address of packets that have none yet.', address),
  tos: option('Only packets with this type of service.', word('NUMBER')),
  dsfield: { ...option('Only packets with this type of service.', word('NUMBER')), sameAs: 'tos' },
  metric: metricOption,
  preference: { ...metricOption, sameAs: 'metric' },
  table: option('Routing table, by number or name.', word('TABLE')),
  scope: option('Scope of the destination.', scope),
  protocol: option('Who made the route, by number or name.', word('PROTOCOL')),
  onlink: mark('The gateway is on the link, whatever the addresses say.'),
  weight: option('Share of this next hop.', integer(1, 256)),
  expires: option('How long the route lives (IPv6).', uint32),
  ttl: option('Hop limit that the host puts into packets.', octet),
  mtu: option('Largest packet on the path, in octets.', count),
  advmss: option('Largest segment that is announced to peers, in octets.', count),
  rtt: option('Round trip time to begin with.', time),
  rttvar: option('Variation of that time.', time),
  reordering: option('So far packets may be out of order.', count),
  window: option('Largest window that is announced, in octets.', count),
  cwnd: option('Congestion window, in segments.', count),
  ssthresh: option('Slow start threshold, in segments.', count),
  rto_min: option('Least retransmission timeout.', time),
  initcwnd: option('Congestion window to begin with, in segments.', count),
  initrwnd: option('Receive window to begin with, in segments.', count),
  hoplimit: option('Hop limit of packets on this route.', metric(octet)),
  quickack: option('Acknowledge at once.', zeroOrOne),
  features: option('Features of the path.', choice('ecn')),
  congctl: option('Congestion control.', word('NAME')),
  pref: option('Preference of the router (IPv6).', choice('low', 'medium', 'high')),
  'ttl-propagate': option('Whether MPLS takes the TTL along.', choice('enabled', 'disabled')),
  fastopen_no_cookie: option('TCP Fast Open without a cookie.', zeroOrOne),
  encap: option('Encapsulation.', encap),
  realms: option('Realms of the route.', word('[FROM/]TO')),
  no_track: mark('The route is not watched and not restored when someone deletes it.'),
  track_group: option('track_group whose instances need it (static routes).', word('GROUP')),
  ...keptOptions({ vrf: option('VRF whose table is used.', interfaceName) }),
};

const { dev, weight, onlink, realms } = routeOptions;
const hopOptions = { via: gateway, dev, weight, onlink, encap: routeOptions.encap, realms };

export type RouteEntry = {
  readonly family: 'inet' | 'inet6' | null;
  /** null: unicast. */
  readonly type: (typeof routeTypes)[number] | null;
  /** null: default. */
  readonly destination: Prefix | null;
  readonly options: Options<typeof routeOptions>;
  /** Each `nexthop`; empty: the one of the options, if any. */
  readonly hops: readonly Options<typeof hopOptions>[];
};

const where = 'a route';

export const routeEntry: Phrase<RouteEntry> = {
  shape: '[inet|inet6] [TYPE] default|PREFIX [OPTION…] [nexthop via ADDRESS [OPTION…]]…',
  options: {
    ...routeOptions,
    inet: mark('The route is for IPv4.'),
    inet6: mark('The route is for IPv6.'),
    nexthop: option('One of several gateways, with options of its own.', via),
    or: option('Obsolete for nexthop.', via),
  },
  read: readRoute,
  write: ({ family, type, destination, options, hops }) => [
    ...(family === null ? [] : [family]),
    ...(type === null ? [] : [type]),
    ...(destination === null ? ['default'] : prefix.write(destination)),
    ...writeOptions(routeOptions, options),
    ...hops.flatMap((hop) => ['nexthop', ...writeOptions(hopOptions, hop)]),
  ],
};

type Growing = { -readonly [K in keyof RouteEntry]: RouteEntry[K] };

/** Options may stand before the destination; the first word that is none is the destination. */
function readRoute(words: WordReader): RouteEntry | undefined {
  const route: Growing = { family: null, type: null, destination: null, options: {}, hops: [] };
  let hasDestination = false;
  for (let word = words.peek(); word !== undefined; word = words.peek()) {
    if (word.text === 'nexthop' || word.text === 'or') {
      const hops = readHops(words);
      if (hops === undefined) return undefined;
      route.hops = hops;
    } else if (Object.hasOwn(routeOptions, word.text)) {
      const options = readOption(where, routeOptions, route.options, words);
      if (options === undefined) return undefined;
      route.options = options;
    } else if (hasDestination) {
      return unknownOption(where, routeOptions, words);
    } else {
      const done = readDestination(route, words);
      if (done === undefined) return undefined;
      hasDestination = done;
    }
  }
  if (!hasDestination) return words.missing('a destination: default or PREFIX');
  if (route.options.dev === undefined && route.options.no_track === undefined) {
    const { subject, report } = words;
    const message = 'a route without an interface is not watched; add dev INTERFACE, or no_track';
    report.warning('config.not_tracked', subject.position, message);
  }
  return route;
}

/** Whether the destination itself was taken, and not a word that may stand before it. */
function readDestination(route: Growing, words: WordReader): boolean | undefined {
  const family = words.takeIf('inet', 'inet6')?.text;
  if (family === 'inet' || family === 'inet6') {
    route.family = family;
    return false;
  }
  const type = routeTypes.find((one) => one === words.peek()?.text);
  if (type !== undefined) {
    words.take();
    route.type = type;
    return false;
  }
  if (words.takeIf('to') !== undefined) return false;
  if (words.takeIf('default') !== undefined) return true;
  const destination = prefix.read(words);
  if (destination === undefined) return undefined;
  route.destination = destination;
  return true;
}

function readHops(words: WordReader): RouteEntry['hops'] | undefined {
  const hops: RouteEntry['hops'][number][] = [];
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word.text === 'or') {
      const message = '"or" is an obsolete separator; write "nexthop via ADDRESS" for each';
      words.report.warning('config.obsolete_keyword', word.position, message);
    } else if (word.text !== 'nexthop') return words.wrong(word, 'nexthop via ADDRESS …');
    let hop: Options<typeof hopOptions> = {};
    while (Object.hasOwn(hopOptions, words.peek()?.text ?? '')) {
      const next = readOption('a nexthop', hopOptions, hop, words);
      if (next === undefined) return undefined;
      hop = next;
    }
    hops.push(hop);
  }
  return hops;
}
