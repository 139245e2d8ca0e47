// "10.1.0.201-210": addresses that differ in their last octet (IPv4, decimal) or last 16 bits
// (IPv6, hexadecimal), as keepalived and DPVS write them.
import { addressBytes, addressFromBytes, familyOf, type IpAddress } from '../net/address.js';
import { type Argument, argument, parseAddress } from './phrases.js';

export type AddressRange = {
  readonly first: IpAddress;
  /** The last octet or 16 bits of the last address; equal to those of `first` for a single one. */
  readonly lastPart: number;
};

export const addressRange: Argument<AddressRange> = argument(
  'ADDRESS[-LAST]',
  'an IP address, or a range like 10.1.0.201-210 or 2001:db8::10-1f',
  parseRange,
  formatRange,
);

export function rangeOf(first: IpAddress): AddressRange {
  return { first, lastPart: partOf(first) };
}

/** At most 65 536 addresses. */
export function expandRange({ first, lastPart }: AddressRange): readonly IpAddress[] {
  const from = partOf(first);
  return Array.from({ length: lastPart - from + 1 }, (_, offset) => withPart(first, from + offset));
}

function parseRange(text: string): AddressRange | undefined {
  const dash = text.indexOf('-');
  const first = parseAddress(dash < 0 ? text : text.slice(0, dash));
  if (first === undefined) return undefined;
  if (dash < 0) return rangeOf(first);
  const last = text.slice(dash + 1);
  const isIpv4 = familyOf(first) === 'ipv4';
  if (!(isIpv4 ? /^[0-9]{1,3}$/ : /^[0-9a-f]{1,4}$/i).test(last)) return undefined;
  const lastPart = Number.parseInt(last, isIpv4 ? 10 : 16);
  return lastPart >= partOf(first) && lastPart <= (isIpv4 ? 0xff : 0xffff)
    ? { first, lastPart }
    : undefined;
}

function formatRange({ first, lastPart }: AddressRange): string {
  if (lastPart === partOf(first)) return first;
  return `${first}-${lastPart.toString(familyOf(first) === 'ipv4' ? 10 : 16)}`;
}

function partOf(address: IpAddress): number {
  const bytes = addressBytes(address);
  const low = bytes.at(-1) ?? 0;
  return familyOf(address) === 'ipv4' ? low : (bytes.at(-2) ?? 0) * 256 + low;
}

function withPart(address: IpAddress, part: number): IpAddress {
  const bytes = Uint8Array.from(addressBytes(address));
  bytes[bytes.length - 1] = part & 0xff;
  if (familyOf(address) === 'ipv6') bytes[bytes.length - 2] = part >> 8;
  return addressFromBytes(bytes);
}
