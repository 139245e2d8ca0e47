// An address with a prefix length. The host bits are kept: "192.0.2.10/24" names an address in its
// network, as keepalived and iproute2 write it.
import { err, ok, type Result } from 'neverthrow';
import {
  type AddressError,
  addressBytes,
  addressFromBytes,
  describeAddressError,
  familyOf,
  type IpAddress,
  parseIpAddress,
} from './address.js';

export type Prefix = { readonly address: IpAddress; readonly length: number };
export type PrefixError =
  | AddressError
  | { readonly type: 'prefix.length'; readonly text: string; readonly lengthMax: number };

export function describePrefixError(error: PrefixError): string {
  if (error.type === 'address.malformed') return describeAddressError(error);
  return `"${error.text}" is not a prefix length between 0 and ${error.lengthMax}`;
}

/** "192.0.2.10/24"; without a slash the prefix is the single host (/32, /128). */
export function parsePrefix(text: string): Result<Prefix, PrefixError> {
  const slash = text.indexOf('/');
  const address = parseIpAddress(slash < 0 ? text : text.slice(0, slash));
  if (address.isErr()) return err(address.error);
  const lengthMax = hostLength(address.value);
  if (slash < 0) return ok({ address: address.value, length: lengthMax });
  const lengthText = text.slice(slash + 1);
  const length = Number(lengthText);
  if (!/^[0-9]{1,3}$/.test(lengthText) || length > lengthMax) {
    return err({ type: 'prefix.length', text: lengthText, lengthMax });
  }
  return ok({ address: address.value, length });
}

export function formatPrefix(prefix: Prefix): string {
  return `${prefix.address}/${prefix.length}`;
}

/** The prefix length of a single host of the address's family. */
export function hostLength(address: IpAddress): 32 | 128 {
  return familyOf(address) === 'ipv4' ? 32 : 128;
}

/** The prefix with its host bits cleared. */
export function networkOf(prefix: Prefix): Prefix {
  const bytes = addressBytes(prefix.address);
  const masked = bytes.map((byte, index) => byte & maskByte(prefix.length - index * 8));
  return { address: addressFromBytes(masked), length: prefix.length };
}

export function prefixContains(prefix: Prefix, address: IpAddress): boolean {
  if (familyOf(prefix.address) !== familyOf(address)) return false;
  const network = networkOf(prefix).address;
  return networkOf({ address, length: prefix.length }).address === network;
}

function maskByte(bitsLeft: number): number {
  if (bitsLeft >= 8) return 0xff;
  return bitsLeft <= 0 ? 0 : (0xff << (8 - bitsLeft)) & 0xff;
}
