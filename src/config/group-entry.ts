// Lines of a virtual_server_group: an address, a range or a network with a port, or the mark that
// netfilter puts on packets.
import {
  addressBytes,
  addressFromBytes,
  compareAddresses,
  familyOf,
  type IpAddress,
} from '../net/address.js';
import { formatPrefix, hostLength, networkOf, parsePrefix } from '../net/prefix.js';
import { type AddressFamilyName, familyName } from './address-family.js';
import { option } from './options.js';
import { argument, integer, optional, type Phrase, parseAddress, sequence } from './phrases.js';

/** Equal for a single address; `length` is that of the network that was written, if one was. */
export type Span = {
  readonly first: IpAddress;
  readonly last: IpAddress;
  readonly length: number | null;
};

export type GroupEntry =
  | { readonly type: 'addresses'; readonly span: Span; readonly port: number }
  | { readonly type: 'fwmark'; readonly mark: number; readonly family: AddressFamilyName | null };

export const spanMax = 65_536;

const span = argument(
  'ADDRESS[-LAST|/LENGTH]',
  'an IP address, a range like 192.0.2.1-9 or 192.0.2.1-192.0.3.9, or a network like 192.0.2.0/24',
  parseSpan,
  formatSpan,
);
const port = optional(integer(0, 65_535), 0);
const fwmark = sequence({
  mark: integer(0, 4_294_967_295),
  family: optional(familyName, null),
});

const entryOptions = {
  fwmark: option(
    'Packets that netfilter has marked with this number; of one family if named.',
    fwmark,
  ),
};

export const groupEntry: Phrase<GroupEntry> = {
  shape: `${span.shape} ${port.shape} | fwmark ${fwmark.shape}`,
  options: entryOptions,
  read: (words) => {
    if (words.takeIf('fwmark') !== undefined) {
      const marked = fwmark.read(words);
      return marked === undefined ? undefined : { type: 'fwmark', ...marked };
    }
    const addresses = span.read(words);
    const number = addresses === undefined ? undefined : port.read(words);
    if (addresses === undefined || number === undefined) return undefined;
    return { type: 'addresses', span: addresses, port: number };
  },
  write: (entry) =>
    entry.type === 'fwmark'
      ? ['fwmark', ...fwmark.write(entry)]
      : [...span.write(entry.span), ...port.write(entry.port)],
};

/** null: there are more than `spanMax`. */
export function addressesOf({ first, last }: Span): readonly IpAddress[] | null {
  if (first === last) return [first];
  const from = numberOf(first);
  const count = numberOf(last) - from + 1n;
  if (count > spanMax) return null;
  return Array.from({ length: Number(count) }, (_, offset) =>
    addressOf(from + BigInt(offset), first),
  );
}

export function contains({ first, last }: Span, address: IpAddress): boolean {
  return compareAddresses(first, address) <= 0 && compareAddresses(address, last) <= 0;
}

function parseSpan(text: string): Span | undefined {
  if (text.includes('/')) return parseNetwork(text);
  const dash = text.indexOf('-');
  const first = parseAddress(dash < 0 ? text : text.slice(0, dash));
  if (first === undefined) return undefined;
  const last = dash < 0 ? first : lastOf(first, text.slice(dash + 1));
  return last === undefined ? undefined : { first, last, length: null };
}

/** keepalived refuses bits behind the length. */
function parseNetwork(text: string): Span | undefined {
  const parsed = parsePrefix(text);
  if (parsed.isErr() || parsed.value.length === 0) return undefined;
  const { address: first, length } = parsed.value;
  if (networkOf(parsed.value).address !== first) return undefined;
  const hosts = (1n << BigInt(hostLength(first) - length)) - 1n;
  return { first, last: addressOf(numberOf(first) + hosts, first), length };
}

/** A whole address, or the last octet (IPv4, decimal) or 16 bits (IPv6, hexadecimal) of one. */
function lastOf(first: IpAddress, text: string): IpAddress | undefined {
  const whole = parseAddress(text);
  if (whole !== undefined) {
    const isRange = familyOf(whole) === familyOf(first) && compareAddresses(first, whole) <= 0;
    return isRange ? whole : undefined;
  }
  const isIpv4 = familyOf(first) === 'ipv4';
  if (!(isIpv4 ? /^[0-9]{1,3}$/ : /^[0-9a-f]{1,4}$/i).test(text)) return undefined;
  const part = Number.parseInt(text, isIpv4 ? 10 : 16);
  const from = partOf(first);
  if (part <= from || part > (isIpv4 ? 0xff : 0xffff)) return undefined;
  return addressOf(numberOf(first) + BigInt(part - from), first);
}

function formatSpan({ first, last, length }: Span): string {
  if (length !== null) return formatPrefix({ address: first, length });
  if (first === last) return first;
  const from = numberOf(first);
  const isOfOnePart = from - BigInt(partOf(first)) === numberOf(last) - BigInt(partOf(last));
  if (!isOfOnePart) return `${first}-${last}`;
  return `${first}-${partOf(last).toString(familyOf(first) === 'ipv4' ? 10 : 16)}`;
}

function partOf(address: IpAddress): number {
  const bytes = addressBytes(address);
  const low = bytes.at(-1) ?? 0;
  return familyOf(address) === 'ipv4' ? low : (bytes.at(-2) ?? 0) * 256 + low;
}

function numberOf(address: IpAddress): bigint {
  return addressBytes(address).reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

/** In the family of `like`. */
function addressOf(value: bigint, like: IpAddress): IpAddress {
  const bytes = new Uint8Array(hostLength(like) / 8);
  for (let index = bytes.length - 1, rest = value; index >= 0; index--, rest >>= 8n) {
    bytes[index] = Number(rest & 0xffn);
  }
  return addressFromBytes(bytes);
}
