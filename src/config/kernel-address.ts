// A line of static_ipaddress, virtual_ipaddress or virtual_ipaddress_excluded -> the address as the
// kernel gets it.
import type { Position } from '../../grammar/syntax-tree.js';
import { addressBytes, addressFromBytes, familyOf, type IpAddress } from '../net/address.js';
import { hostLength, type Prefix } from '../net/prefix.js';
import type { AddressAttributes } from '../ports/kernel.js';
import type { AddressEntry } from './address-entry.js';
import type { Report } from './diagnostic.js';
import type { KernelNames } from './kernel-names.js';
import { parseAddress } from './phrases.js';

export type AddressObject = {
  readonly prefix: Prefix;
  readonly device: string;
  readonly attributes: AddressAttributes;
  /** Its loss is noticed. */
  readonly isTracked: boolean;
  /** It is in the adverts. */
  readonly isAdvertised: boolean;
};

type Line = { readonly value: AddressEntry; readonly position: Position };

const labelLengthMax = 15;

/** undefined: it is wrong, and `report` has why. */
export function addressAttributes(
  { value: { prefix, options }, position }: Line,
  names: KernelNames,
  report: Report,
): AddressAttributes | undefined {
  const wrong = (what: string): undefined => {
    report.error('config.bad_argument', position, `${prefix.address}: ${what}`);
  };
  const { label, peer } = options;
  const scope =
    options.scope === undefined ? null : names.number('scope', options.scope, position, report);
  const broadcast = broadcastOf(prefix, options.broadcast);
  if (scope === undefined) return undefined;
  if (broadcast === undefined) {
    return wrong(`broadcast ${options.broadcast} is neither an IPv4 address nor + or -`);
  }
  if (label !== undefined && label.length > labelLengthMax) {
    return wrong(`label ${label} is longer than ${labelLengthMax} characters`);
  }
  if (peer !== undefined && familyOf(peer.address) !== familyOf(prefix.address)) {
    return wrong(`its peer ${peer.address} is of the other family`);
  }
  return {
    scope,
    broadcast,
    label: label ?? null,
    peer: peer ?? null,
    preferredSeconds: preferredSeconds(prefix, options.preferred_lft),
    flags: flagsOf(prefix, options),
  };
}

function flagsOf(
  { address }: Prefix,
  options: AddressEntry['options'],
): AddressAttributes['flags'] {
  const isIpv6 = familyOf(address) === 'ipv6';
  const given = (['home', 'mngtmpaddr', 'noprefixroute', 'autojoin'] as const).filter(
    (flag) => options[flag] === true,
  );
  // A virtual address must answer at once: duplicates are VRRP's business.
  return isIpv6 && options['-nodad'] === undefined ? ['nodad', ...given] : given;
}

/** undefined: it is wrong. */
export function broadcastOf(
  prefix: Prefix,
  word: string | undefined,
): IpAddress | null | undefined {
  if (word === undefined) return null;
  if (familyOf(prefix.address) !== 'ipv4') return undefined;
  if (word === '+' || word === '-') return withHostBits(prefix, word === '+');
  const address = parseAddress(word);
  return address !== undefined && familyOf(address) === 'ipv4' ? address : undefined;
}

function withHostBits({ address, length }: Prefix, areSet: boolean): IpAddress {
  const bytes = addressBytes(address).map((byte, index) => {
    const hostBits = 0xff >> Math.min(Math.max(length - index * 8, 0), 8);
    return areSet ? byte | hostBits : byte & ~hostBits & 0xff;
  });
  return addressFromBytes(bytes);
}

/**
 * A single IPv6 address that comes and goes should not be the source of the host's own connections;
 * in IPv4 the kernel takes the primary address by itself.
 */
function preferredSeconds({ address, length }: Prefix, word: string | undefined): number | null {
  if (familyOf(address) === 'ipv4' || word === 'forever') return null;
  if (word !== undefined) return Number(word);
  const isSingle = length === hostLength(address);
  const isLinkLocal = /^fe[89ab][0-9a-f]:/.test(address);
  return isSingle && !isLinkLocal ? 0 : null;
}
