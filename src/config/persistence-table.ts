// Keywords of virtual_server about persistence: a client stays with its real server. And the mask
// that tells which clients count as one.
import { addressBytes, addressFromBytes, familyOf, type IpAddress } from '../net/address.js';
import { persistenceSecondsDefault, persistenceSecondsMax } from '../net/service.js';
import { wholeSeconds } from './bounds.js';
import { kept, setting } from './keywords.js';
import { argument, optional, parseAddress } from './phrases.js';
import { cutText } from './text.js';

/** Linux has 16 octets for the name of a persistence engine. */
const engineNameMax = 16;

export type Granularity =
  /** Of IPv4 clients. */
  | { readonly type: 'mask'; readonly mask: IpAddress }
  /** Of IPv6 clients, 1..128. */
  | { readonly type: 'length'; readonly length: number };

export const granularity = argument(
  'NETMASK|LENGTH',
  'an IPv4 netmask as 255.255.255.0, or an IPv6 prefix length, 1-128',
  parseGranularity,
  (value: Granularity) => (value.type === 'mask' ? value.mask : String(value.length)),
);

export const persistenceTable = {
  persistence_timeout: setting(
    'How long a client without connections stays with its real server; 360 without a number.',
    optional(wholeSeconds(1, persistenceSecondsMax), persistenceSecondsDefault * 1000),
    { defaultText: 'off' },
  ),
  persistence_granularity: setting(
    'Clients that are equal under this mask (IPv4) or prefix length (IPv6) stay together.',
    granularity,
    { defaultText: 'each address by itself' },
  ),
  persistence_engine: kept(
    setting(
      'Tells the clients apart, as sip does by the Call-ID of SIP.',
      cutText('NAME', engineNameMax),
      { defaultText: 'by address' },
    ),
  ),
};

/** Ones, and then zeros only. */
export function isNetmask(mask: IpAddress): boolean {
  const bits = [...addressBytes(mask)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits);
}

/** Numbers that are no length of a prefix are IPv4 masks, as inet_aton(3) has it. */
function parseGranularity(text: string): Granularity | undefined {
  const number = /^[0-9]{1,10}$/.test(text) ? Number(text) : null;
  if (number !== null && number >= 1 && number <= 128) return { type: 'length', length: number };
  if (number !== null) return number > 0xffff_ffff ? undefined : maskOf(number);
  const mask = parseAddress(text);
  return mask !== undefined && familyOf(mask) === 'ipv4' ? { type: 'mask', mask } : undefined;
}

function maskOf(number: number): Granularity {
  const bytes = Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
  return { type: 'mask', mask: addressFromBytes(bytes) };
}
