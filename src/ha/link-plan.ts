// The interfaces of our own: which are made, which of those that are there already are ours (left
// by a daemon that was killed, or by the configuration before), and the sysctls that they need.
// Pure.

import type { AddressObject } from '../config/kernel-address.js';
import { familyOf, isLinkLocal } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';
import type { KernelAddress, Link } from '../ports/kernel.js';
import type { FoundLink, VirtualLink } from '../ports/kernel-objects.js';
import type { SysctlName } from '../ports/sysctls.js';

export type LinkPlan = {
  /** There as they should be. */
  readonly kept: readonly VirtualLink[];
  /** Something else of ours by that name; removed before the new one is made. */
  readonly removed: readonly string[];
  readonly made: readonly VirtualLink[];
  /** The names are those of interfaces that are not ours to remove. */
  readonly refused: readonly VirtualLink[];
};

export function planLinks(found: readonly FoundLink[], wanted: readonly VirtualLink[]): LinkPlan {
  const byName = new Map(found.map((link) => [link.name, link]));
  const plan = {
    kept: [] as VirtualLink[],
    removed: [] as string[],
    made: [] as VirtualLink[],
    refused: [] as VirtualLink[],
  };
  for (const link of wanted) {
    const present = byName.get(link.name);
    if (present === undefined) plan.made.push(link);
    else if (isSame(present, link, byName.get(link.parent)?.index)) plan.kept.push(link);
    else if (present.kind === 'macvlan' || present.kind === 'ipvlan') {
      plan.removed.push(link.name);
      plan.made.push(link);
    } else plan.refused.push(link);
  }
  return plan;
}

function isSame(present: FoundLink, link: VirtualLink, parentIndex: number | undefined): boolean {
  if (present.kind !== link.kind.type || present.parentIndex !== parentIndex) return false;
  return link.kind.type !== 'macvlan' || present.mac === link.kind.mac;
}

type Placed = {
  readonly links: readonly Link[];
  readonly addresses: readonly KernelAddress[];
};

/**
 * The link-local address that a VMAC shares with the interface below: adverts of IPv6 that leave
 * through the VMAC come from there. null: it has no IPv6 address, or there is none to share.
 */
export function sharedLinkLocal(
  { name, parent, kind }: VirtualLink,
  own: readonly AddressObject[],
  { links, addresses }: Placed,
): Prefix | null {
  const isIpv6 = ({ device, prefix }: AddressObject): boolean =>
    device === name && familyOf(prefix.address) === 'ipv6';
  if (kind.type !== 'macvlan' || !own.some(isIpv6)) return null;
  const below = links.find((link) => link.name === parent);
  const virtual = new Set(own.map(({ prefix }) => prefix.address));
  const found = addresses.find(
    ({ linkIndex, prefix }) =>
      linkIndex === below?.index && isLinkLocal(prefix.address) && !virtual.has(prefix.address),
  );
  return found?.prefix ?? null;
}

export type SysctlSetting = { readonly name: SysctlName; readonly value: string };

/**
 * A VMAC answers for its own addresses alone, takes packets whose source the routing table would
 * look for on the interface below, and has no address of its own making.
 */
export function sysctlsOfLink(
  { name, parent, kind }: VirtualLink,
  addresses: readonly AddressObject[],
): readonly SysctlSetting[] {
  if (kind.type !== 'macvlan') return [];
  const on = addresses.filter(({ device }) => device === name);
  const hasIpv6 = on.some(({ prefix }) => familyOf(prefix.address) === 'ipv6');
  const hasIpv4 = on.some(({ prefix }) => familyOf(prefix.address) === 'ipv4');
  const ipv4 = (device: string, key: string, value: string): SysctlSetting => ({
    name: ['net', 'ipv4', 'conf', device, key],
    value,
  });
  const ipv6 = (key: string, value: string): SysctlSetting => ({
    name: ['net', 'ipv6', 'conf', name, key],
    value,
  });
  return [
    ...(hasIpv6 ? [ipv6('addr_gen_mode', '1')] : []),
    ipv6('disable_ipv6', hasIpv6 ? '0' : '1'),
    ipv4(name, 'arp_ignore', '1'),
    ipv4(name, 'accept_local', '1'),
    ipv4(name, 'rp_filter', '0'),
    ipv4(name, 'promote_secondaries', '1'),
    // The interface below would answer for the VMAC's addresses, and ask in their name, with the
    // wrong MAC address. (keepalived lets it ask.)
    ...(hasIpv4
      ? [
          ipv4(parent, 'arp_ignore', '1'),
          ipv4(parent, 'arp_filter', '1'),
          ipv4(parent, 'arp_announce', '2'),
        ]
      : []),
  ];
}

/**
 * The greater one of `all` and an interface counts: for a VMAC to have none, `all` must be 0 and
 * the others must have it themselves. `filters` are those of the interfaces that there are.
 */
export function reversePathSettings(
  all: number,
  filters: ReadonlyMap<string, number>,
): readonly SysctlSetting[] {
  if (all === 0) return [];
  const setting = (device: string, value: number): SysctlSetting => ({
    name: ['net', 'ipv4', 'conf', device, 'rp_filter'],
    value: String(value),
  });
  const raised = [...filters].filter(([, value]) => value < all);
  return [...raised.map(([device]) => setting(device, all)), setting('all', 0)];
}
