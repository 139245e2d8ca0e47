// Addresses with their attributes as keepalived's files show them.
import type { AddressEntry } from '../../config/address-entry.js';
import { broadcastOf } from '../../config/kernel-address.js';
import { familyOf } from '../../net/address.js';
import { formatPrefix, hostLength, type Prefix } from '../../net/prefix.js';

export type AddressOptions = AddressEntry['options'] & { readonly dev: string };

/** "192.0.2.1/24 brd 192.0.2.255 dev eth0 scope global label eth0:1 no_track set" */
export function addressText(prefix: Prefix, options: AddressOptions, isHeld: boolean): string {
  const { dev, scope = 'global', label, peer } = options;
  const isHost = prefix.length === hostLength(prefix.address);
  const broadcast = broadcastOf(prefix, options.broadcast) ?? null;
  return [
    isHost ? prefix.address : formatPrefix(prefix),
    ...(broadcast === null ? [] : [`brd ${broadcast}`]),
    `dev ${dev}`,
    `scope ${scope}`,
    ...(label === undefined ? [] : [`label ${label}`]),
    ...(peer === undefined ? [] : [`peer ${formatPrefix(peer)}`]),
    ...(['home', 'mngtmpaddr', 'noprefixroute', 'autojoin'] as const).filter(
      (flag) => options[flag] === true,
    ),
    ...lifetimeWords(prefix, options.preferred_lft),
    ...(options.no_track === true ? ['no_track'] : []),
    ...(isHeld ? ['set'] : []),
  ].join(' ');
}

/** A single IPv6 address that says nothing else is not preferred: see kernel-address.ts. */
function lifetimeWords({ address, length }: Prefix, said: string | undefined): string[] {
  if (familyOf(address) === 'ipv4') return said === undefined || said === '0' ? [] : [lft(said)];
  if (said !== undefined) return [said === '0' ? 'deprecated' : lft(said)];
  const isLinkLocal = /^fe[89ab][0-9a-f]:/.test(address);
  const isSingle = length === hostLength(address);
  return [isSingle && !isLinkLocal ? 'deprecated' : lft('forever')];
}

function lft(seconds: string): string {
  return `preferred_lft ${seconds}`;
}
