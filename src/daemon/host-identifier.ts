// The BGP identifier of a host whose file names none (RFC 6286): an IPv4 address that stays, never
// one that moves between nodes, because a set of nodes would share it.
import type { Config } from '../config/config.js';
import { compareAddresses, familyOf, type IpAddress } from '../net/address.js';
import { parsePrefix, prefixContains } from '../net/prefix.js';
import type { KernelAddress } from '../ports/kernel.js';

const notOurs = ['127.0.0.0/8', '169.254.0.0/16', '0.0.0.0/8'].map((text) =>
  parsePrefix(text)._unsafeUnwrap(),
);

/** The least of them; null: there is none. `moving`: virtual and announced addresses. */
export function hostIdentifier(
  addresses: readonly KernelAddress[],
  moving: ReadonlySet<IpAddress>,
): IpAddress | null {
  const usable = addresses
    .map(({ prefix }) => prefix.address)
    .filter((address) => familyOf(address) === 'ipv4' && !moving.has(address))
    .filter((address) => !notOurs.some((prefix) => prefixContains(prefix, address)));
  return usable.toSorted(compareAddresses)[0] ?? null;
}

export function movingAddresses(
  config: Pick<Config, 'vrrpInstances'>,
  announced: Iterable<IpAddress>,
): ReadonlySet<IpAddress> {
  const virtual = config.vrrpInstances.flatMap(({ virtualAddresses, objects }) =>
    [...virtualAddresses, ...objects.addresses].map(({ prefix }) => prefix.address),
  );
  return new Set([...virtual, ...announced]);
}
