// An IP address as one canonical string ("192.0.2.1", RFC 5952 for IPv6): immutable, comparable
// with ===, usable as a Map key, and the same on every thread and socket. Parsing is strict: no
// octal, no short forms, no zone.
import { err, ok, type Result } from 'neverthrow';
import { canonicalOctets } from './canonical-octets.js';

declare const addressBrand: unique symbol;
export type IpAddress = string & { readonly [addressBrand]: true };
export type AddressFamily = 'ipv4' | 'ipv6';
export type AddressError = { readonly type: 'address.malformed'; readonly text: string };

/** An IP address with a transport port (0..65535, host order). */
export type Endpoint = { readonly address: IpAddress; readonly port: number };

export function describeAddressError(error: AddressError): string {
  return `"${error.text}" is not an IP address`;
}

export function parseIpAddress(text: string): Result<IpAddress, AddressError> {
  const bytes = parseIpv4(text) ?? parseIpv6(text);
  if (bytes === null) return err({ type: 'address.malformed', text });
  return ok(addressFromBytes(bytes));
}

/** For addresses written in the source; a malformed one is a programming error. */
export function ipAddress(text: string): IpAddress {
  return parseIpAddress(text)._unsafeUnwrap();
}

export function familyOf(address: IpAddress): AddressFamily {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** fe80::/10 (RFC 4291 section 2.5.6): means nothing beyond its link. */
export function isLinkLocal(address: IpAddress): boolean {
  return /^fe[89ab]/.test(address);
}

/** Network order: 4 bytes for IPv4, 16 for IPv6. */
export function addressBytes(address: IpAddress): Uint8Array {
  const bytes = canonicalOctets(address);
  if (bytes === null) throw new Error(`assertion: "${address}" was never parsed`);
  return bytes;
}

/** `bytes` holds 4 or 16 octets in network order. */
export function addressFromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return [...bytes].join('.') as IpAddress;
  if (bytes.length !== 16) throw new Error(`assertion: ${bytes.length} bytes are no IP address`);
  return formatIpv6(bytes) as IpAddress;
}

/** Numeric order, IPv4 before IPv6; negative, zero or positive as Array.sort wants it. */
export function compareAddresses(left: IpAddress, right: IpAddress): number {
  const leftBytes = addressBytes(left);
  const rightBytes = addressBytes(right);
  if (leftBytes.length !== rightBytes.length) return leftBytes.length - rightBytes.length;
  for (const [index, byte] of leftBytes.entries()) {
    const difference = byte - (rightBytes[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** "192.0.2.1:80" or "[2001:db8::1]:80", as ipvsadm prints it. */
export function formatEndpoint(endpoint: Endpoint): string {
  const { address, port } = endpoint;
  return familyOf(address) === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = new Uint8Array(4);
  for (const [index, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part)) return null;
    const value = Number(part);
    if (value > 255) return null;
    bytes[index] = value;
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseIpv6Groups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseIpv6Groups(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/**
 * The bytes of groups separated by ":"; a dotted IPv4 address may be the last when `mayEndInIpv4`.
 */
function parseIpv6Groups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (mayEndInIpv4 && index === groups.length - 1 && group.includes('.')) {
      const embedded = parseIpv4(group);
      if (embedded === null) return null;
      bytes.push(...embedded);
      continue;
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
    const value = Number.parseInt(group, 16);
    bytes.push(value >> 8, value & 0xff);
  }
  return bytes;
}

/**
 * RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as "::".
 */
function formatIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let index = 0; index < 16; index += 2) {
    groups.push(((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0));
  }
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
