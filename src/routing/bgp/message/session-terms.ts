// What the capabilities of two OPEN messages let both ends do (RFC 5492): what only one of them
// has does not count.
import type { AddressFamily } from '../../../net/address.js';
import { extendedMessageOctetsMax, messageOctetsMax } from './header.js';
import type { Capability, Open } from './message.js';

export type SessionTerms = {
  readonly families: readonly AddressFamily[];
  /** RFC 6793; without, AS numbers have two octets and AS4_PATH says the rest. */
  readonly hasFourOctetAs: boolean;
  /** RFC 8950: IPv4 prefixes with IPv6 next hops. */
  readonly hasExtendedNextHop: boolean;
  readonly hasRouteRefresh: boolean;
  /** RFC 7313. */
  readonly hasEnhancedRouteRefresh: boolean;
  /** 4096, or 65535 (RFC 8654). */
  readonly messageOctetsMax: number;
};

/** Until the OPEN messages are exchanged. */
export const initialTerms: SessionTerms = {
  families: [],
  hasFourOctetAs: false,
  hasExtendedNextHop: false,
  hasRouteRefresh: false,
  hasEnhancedRouteRefresh: false,
  messageOctetsMax,
};

export function agreedTerms(ours: Open, theirs: Open): SessionTerms {
  const both = (type: Capability['type']): boolean => has(ours, type) && has(theirs, type);
  const accepted = new Set(familiesOf(theirs));
  return {
    families: familiesOf(ours).filter((family) => accepted.has(family)),
    hasFourOctetAs: both('four_octet_as'),
    hasExtendedNextHop: both('extended_next_hop'),
    hasRouteRefresh: both('route_refresh'),
    hasEnhancedRouteRefresh: both('enhanced_route_refresh'),
    messageOctetsMax: both('extended_message') ? extendedMessageOctetsMax : messageOctetsMax,
  };
}

function has(open: Open, type: Capability['type']): boolean {
  return open.capabilities.some((capability) => capability.type === type);
}

/** RFC 4760 section 8: who names no family at all speaks of IPv4. */
function familiesOf(open: Open): AddressFamily[] {
  const named = open.capabilities.flatMap((one) =>
    one.type === 'multiprotocol' ? [one.family] : [],
  );
  const isSilent = named.length === 0 && !hasForeignFamily(open);
  return isSilent ? ['ipv4'] : [...new Set(named)];
}

/** A family that we do not have: then IPv4 is not implied. */
function hasForeignFamily(open: Open): boolean {
  return open.capabilities.some((one) => one.type === 'unknown' && one.code === 1);
}
