// What services are called: in sentences and listings, and in the words of `ipvsadm -H`.
import { type AddressFamily, familyOf, formatEndpoint } from '../net/address.js';
import type { Match, TrafficRange } from '../net/service.js';
import type { MatchKey, ServiceKey } from './state.js';

/** "TCP 192.0.2.10:80" or "MATCH tcp,from=10.2.0.1-10.2.0.254:0-0,oif=dpdk1". */
export function serviceName(key: ServiceKey): string {
  if ('match' in key) return `MATCH ${matchText(key)}`;
  return `${key.protocol} ${formatEndpoint(key)}`;
}

/** As DPVS lists it. */
export function matchText({ protocol, match }: MatchKey): string {
  return [
    protocol.toLowerCase(),
    ...rangeWord('from', match.source, match.family),
    ...rangeWord('to', match.destination, match.family),
    ...otherWords(match),
  ].join(',');
}

/** As `ipvsadm -H` takes it. */
export function matchArgument({ protocol, match }: MatchKey): string {
  return [
    `proto=${protocol.toLowerCase()}`,
    ...rangeWord('src-range', match.source, match.family),
    ...rangeWord('dst-range', match.destination, match.family),
    ...otherWords(match),
  ].join(',');
}

function otherWords({ family, source, destination, inDevice, outDevice }: Match): string[] {
  const ranges = [source, destination];
  const tellsFamily = ranges.some((range) => range !== null && range.addresses !== null);
  return [
    ...(inDevice === null ? [] : [`iif=${inDevice}`]),
    ...(outDevice === null ? [] : [`oif=${outDevice}`]),
    ...(tellsFamily ? [] : [`af=${family}`]),
  ];
}

function rangeWord(name: string, range: TrafficRange | null, family: AddressFamily): string[] {
  if (range === null) return [];
  const { addresses, ports } = range;
  const { first, last } = ports ?? { first: 0, last: 0 };
  const text = addresses === null ? '' : `${addresses.first}-${addresses.last}`;
  const host = text !== '' && family === 'ipv6' ? `[${text}]` : text;
  return [`${name}=${host}:${first}-${last}`];
}

/** The family that a service's clients are of. */
export function familyOfService(key: ServiceKey): AddressFamily {
  return 'match' in key ? key.match.family : familyOf(key.address);
}
