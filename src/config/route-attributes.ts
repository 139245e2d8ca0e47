// Values of routing protocols: AS numbers, router identifiers, communities, areas.
import { familyOf, type IpAddress } from '../net/address.js';
import { wellKnownCommunities } from '../net/well-known-communities.js';
import { type Argument, argument, integer, parseAddress } from './phrases.js';

const uint32Max = 4_294_967_295;

/** 1..4294967295, decoded from the dotted form (asdot, RFC 5396) as well. */
export const asNumber: Argument<number> = argument('AS', 'an AS number, 1-4294967295', (text) => {
  const [high = '', low, ...more] = text.split('.');
  if (more.length > 0) return undefined;
  const value = low === undefined ? number(text, uint32Max) : dotted(high, low);
  return value === undefined || value === 0 ? undefined : value;
});

function dotted(high: string, low: string): number | undefined {
  const [left, right] = [number(high, 0xffff), number(low, 0xffff)];
  return left === undefined || right === undefined ? undefined : left * 0x10000 + right;
}

function number(text: string, max: number): number | undefined {
  return integer(0, max).parse(text);
}

/** A number of 32 bits that is written as an IPv4 address; never 0. */
export const routerId: Argument<IpAddress> = argument(
  'ROUTER-ID',
  'a router identifier, as in 192.0.2.1',
  (text) => {
    const address = parseAddress(text);
    const isUsable = address !== undefined && familyOf(address) === 'ipv4' && address !== '0.0.0.0';
    return isUsable ? address : undefined;
  },
);

/** 0 or 0.0.0.0: kept as the dotted form. */
export const areaId: Argument<string> = argument('AREA', 'an area, as in 0 or 0.0.0.1', (text) => {
  const value = number(text, uint32Max);
  if (value !== undefined) {
    return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
  }
  const address = parseAddress(text);
  return address !== undefined && familyOf(address) === 'ipv4' ? address : undefined;
});

export const community: Argument<string> = argument(
  'COMMUNITY',
  `a community, as in 65001:100, or ${[...wellKnownCommunities.keys()].join(', ')}`,
  (text) => (wellKnownCommunities.has(text) ? text : numbers(text, 2, 0xffff)),
);

/** RFC 8092. */
export const largeCommunity: Argument<string> = argument(
  'LARGE-COMMUNITY',
  'a large community, as in 65001:1:100',
  (text) => numbers(text, 3, uint32Max),
);

/**
 * RFC 4360: a route target, a site of origin, or the bandwidth of the link. The first two have six
 * octets for both numbers: an AS of four leaves two (RFC 5668).
 */
export const extendedCommunity: Argument<string> = argument(
  'EXTENDED-COMMUNITY',
  'an extended community: rt:AS:NUMBER or soo:AS:NUMBER (up to 65535 behind an AS above 65535) ' +
    'or bandwidth:AS:OCTETS-PER-SECOND',
  (text) => {
    const [type = '', ...rest] = text.split(':');
    const isKnown = ['rt', 'soo', 'bandwidth'].includes(type);
    if (!isKnown || numbers(rest.join(':'), 2, uint32Max) === undefined) return undefined;
    const isWide = rest.every((one) => Number(one) > 0xffff);
    return isWide && type !== 'bandwidth' ? undefined : text;
  },
);

function numbers(text: string, count: number, max: number): string | undefined {
  const parts = text.split(':');
  const isGood =
    parts.length === count &&
    parts.every((one) => /^[0-9]{1,10}$/.test(one) && number(one, max) !== undefined);
  return isGood ? text : undefined;
}
