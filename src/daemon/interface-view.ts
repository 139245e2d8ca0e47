// What the kernel says of an interface, as far as VRRP asks: whether it is up, and which address
// adverts come from. Pure.
import type { VrrpInstance } from '../config/vrrp.js';
import { familyOf, type IpAddress, isLinkLocal } from '../net/address.js';
import type { KernelAddress, Link } from '../ports/kernel.js';

export type InterfaceView = {
  readonly isUp: boolean;
  /** In the kernel's order, without virtual ones. */
  readonly addresses: readonly IpAddress[];
};

/** By name. A virtual address is never the source of adverts, even while we hold it. */
export function interfaceViews(
  links: readonly Link[],
  addresses: readonly KernelAddress[],
  isVirtual: (address: IpAddress) => boolean,
): Map<string, InterfaceView> {
  return new Map(
    links.map(({ index, name, isUp }) => {
      const own = addresses
        .filter(({ linkIndex, prefix }) => linkIndex === index && !isVirtual(prefix.address))
        .map(({ prefix }) => prefix.address);
      return [name, { isUp, addresses: own }];
    }),
  );
}

type Speaking = Pick<VrrpInstance, 'family' | 'sourceAddress' | 'tracksSource' | 'destination'>;

/**
 * The address that is configured, unless it is watched and away; else the interface's first, of
 * IPv6 the link-local one (RFC 9568 section 5.1.2.1), but to peers further away another. null:
 * there is none.
 */
export function sourceOf(instance: Speaking, view: InterfaceView): IpAddress | null {
  const { family, sourceAddress, tracksSource, destination } = instance;
  if (sourceAddress !== null) {
    return tracksSource && !view.addresses.includes(sourceAddress) ? null : sourceAddress;
  }
  const own = view.addresses.filter((address) => familyOf(address) === family);
  if (family === 'ipv4') return own[0] ?? null;
  const peer = destination.type === 'peers' ? destination.peers[0]?.address : undefined;
  const wantsLinkLocal = peer === undefined || isLinkLocal(peer);
  return own.find((address) => isLinkLocal(address) === wantsLinkLocal) ?? null;
}
