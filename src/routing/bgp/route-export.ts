// One wanted route as one neighbour is told of it, or why it is not: the allow list, the next hop
// (RFC 4271 section 5.1.3, RFC 2545, RFC 8950), and the attributes of its AS or of another.
import { err, ok, type Result } from 'neverthrow';
import type { BgpNeighbor, RouteAttributes } from '../../config/bgp.js';
import { type AddressFamily, familyOf, type IpAddress, isLinkLocal } from '../../net/address.js';
import { formatPrefix, hostLength, networkOf, type Prefix } from '../../net/prefix.js';
import type { AnnouncedRoute } from '../announced-route.js';
import { AllowList } from './allow-list.js';
import { communitiesOf, describeCommunityError, gracefulShutdown } from './communities.js';
import type { SentAttributes } from './message/message.js';
import type { SessionTerms } from './message/session-terms.js';
import { prefixOctetsMax } from './message/update.js';

export type RibTerms = {
  readonly localAs: number;
  readonly neighbor: BgpNeighbor;
  readonly session: SessionTerms;
  /** Our end of the session. */
  readonly ourAddress: IpAddress;
  /** Our link-local address on the link that the neighbour is on; null: no link is shared. */
  readonly ourLinkLocal: IpAddress | null;
};

/** What routes with equal attributes share. */
export type RouteForm = {
  readonly attributes: SentAttributes;
  /** Equal for equal attributes. */
  readonly key: string;
  /** Of prefixes in one message. */
  readonly roomOctets: number;
};

export type SentRoute = {
  readonly prefix: Prefix;
  /** The prefix as text. */
  readonly name: string;
  readonly family: AddressFamily;
  readonly form: RouteForm;
};

export type Refusal =
  | { readonly type: 'default_route' }
  | { readonly type: 'not_allowed' }
  | { readonly type: 'duplicate' }
  /** Nothing is wrong: the operator wants it to have the other family alone. */
  | { readonly type: 'other_family'; readonly family: AddressFamily }
  | { readonly type: 'family'; readonly family: AddressFamily }
  | { readonly type: 'no_next_hop'; readonly family: AddressFamily }
  | { readonly type: 'next_hop_is_neighbor'; readonly nextHop: IpAddress }
  | { readonly type: 'attributes'; readonly reason: string }
  | { readonly type: 'too_many'; readonly prefixesMax: number };
export type RefusedRoute = { readonly prefix: Prefix; readonly refusal: Refusal };

const localPreferenceDefault = 100;
const prefixOctetsLongest: Readonly<Record<AddressFamily, number>> = { ipv4: 5, ipv6: 17 };

/** The sentence for status and logs. */
export function describeRefusal({ prefix, refusal }: RefusedRoute): string {
  return `${formatPrefix(prefix)} is not announced: ${reasonOf(refusal)}`;
}

function reasonOf(refusal: Refusal): string {
  switch (refusal.type) {
    case 'default_route':
      return 'a default route never is';
    case 'not_allowed':
      return 'no allow list of the neighbor or its bgp_instance names it';
    case 'duplicate':
      return 'it is wanted twice, and the first one counts';
    case 'other_family':
      return `the neighbor has no address_family ${refusal.family}`;
    case 'family':
      return `the neighbor does not take ${refusal.family}; see address_family at both ends`;
    case 'no_next_hop':
      return `there is no ${refusal.family} next hop; set next_hop`;
    case 'next_hop_is_neighbor':
      return `its next hop ${refusal.nextHop} is the neighbor itself; change next_hop`;
    case 'attributes':
      return refusal.reason;
    case 'too_many':
      return `maximum_prefix_out is ${refusal.prefixesMax}`;
  }
}

/** For one pass over the wanted routes: equal words are read once. */
export class RouteExport {
  readonly #terms: RibTerms;
  readonly #allowed: AllowList;
  readonly #families: ReadonlySet<AddressFamily>;
  readonly #forms = new Map<string, Result<RouteForm, Refusal>>();

  constructor(terms: RibTerms) {
    this.#terms = terms;
    this.#allowed = new AllowList(terms.neighbor.allowed);
    const { families } = terms.session;
    this.#families = new Set(terms.neighbor.families.filter((one) => families.includes(one)));
  }

  of(route: AnnouncedRoute): Result<SentRoute, RefusedRoute> {
    const prefix = withoutHostBits(route.prefix);
    const refuse = (refusal: Refusal) => err({ prefix, refusal });
    const family = familyOf(prefix.address);
    if (prefix.length === 0) return refuse({ type: 'default_route' });
    if (!this.#allowed.allows(prefix)) return refuse({ type: 'not_allowed' });
    if (!this.#terms.neighbor.families.includes(family)) {
      return refuse({ type: 'other_family', family });
    }
    if (!this.#families.has(family)) return refuse({ type: 'family', family });
    const form = this.#formOf(family, route);
    if (form.isErr()) return refuse(form.error);
    return ok({ prefix, name: formatPrefix(prefix), family, form: form.value });
  }

  #formOf(family: AddressFamily, route: AnnouncedRoute): Result<RouteForm, Refusal> {
    const words = JSON.stringify([family, route.isShuttingDown, route.attributes]);
    const known = this.#forms.get(words);
    if (known !== undefined) return known;
    const form = this.#attributesOf(family, route).andThen((attributes) =>
      this.#fitting(attributes, family),
    );
    this.#forms.set(words, form);
    return form;
  }

  #fitting(attributes: SentAttributes, family: AddressFamily): Result<RouteForm, Refusal> {
    const roomOctets = prefixOctetsMax(attributes, family, this.#terms.session);
    if (roomOctets < prefixOctetsLongest[family]) {
      const octets = this.#terms.session.messageOctetsMax;
      const reason = `its communities do not fit in a message of ${octets} octets`;
      return err({ type: 'attributes', reason });
    }
    return ok({ attributes, key: keyOf(attributes), roomOctets });
  }

  #attributesOf(family: AddressFamily, route: AnnouncedRoute): Result<SentAttributes, Refusal> {
    const { neighbor, localAs } = this.#terms;
    const { isInternal, sendsCommunities } = neighbor;
    const wanted: RouteAttributes = {
      ...neighbor.attributes,
      ...route.attributes,
      nextHop: {
        ipv4: route.attributes.nextHop?.ipv4 ?? neighbor.attributes.nextHop.ipv4,
        ipv6: route.attributes.nextHop?.ipv6 ?? neighbor.attributes.nextHop.ipv6,
      },
    };
    const hops = this.#nextHops(family, wanted.nextHop);
    if (hops.isErr()) return err(hops.error);
    const communities = communitiesOf(wanted);
    if (communities.isErr()) {
      return err({ type: 'attributes', reason: describeCommunityError(communities.error) });
    }
    const standard = new Set(communities.value.communities);
    if (route.isShuttingDown) standard.add(gracefulShutdown);
    const { extendedCommunities, largeCommunities } = communities.value;
    return ok({
      ...hops.value,
      // Our own AS in front of an AS of ours would be a loop.
      asPath: isInternal ? [] : Array.from({ length: 1 + wanted.prepends }, () => localAs),
      med: wanted.med,
      localPreference: isInternal ? preferenceOf(route, wanted) : null,
      communities: sendsCommunities.includes('standard')
        ? [...standard].sort((left, right) => left - right)
        : [],
      extendedCommunities: sendsCommunities.includes('extended') ? extendedCommunities : [],
      largeCommunities: sendsCommunities.includes('large') ? largeCommunities : [],
    });
  }

  #nextHops(
    family: AddressFamily,
    configured: RouteAttributes['nextHop'],
  ): Result<Pick<SentAttributes, 'nextHop' | 'linkLocalNextHop'>, Refusal> {
    const { neighbor, session } = this.#terms;
    const canDiffer = family === 'ipv4' && session.hasExtendedNextHop;
    const told = configured[family] ?? this.#ourEnd(family, canDiffer) ?? null;
    const nextHop = told ?? (canDiffer ? configured.ipv6 : null);
    if (nextHop === null) return err({ type: 'no_next_hop', family });
    // RFC 4271 section 5.1.3: it would be dropped there without a word.
    if (nextHop === neighbor.address) return err({ type: 'next_hop_is_neighbor', nextHop });
    return ok({ nextHop, linkLocalNextHop: this.#linkLocalBeside(nextHop) });
  }

  #ourEnd(family: AddressFamily, canDiffer: boolean): IpAddress | null {
    const { ourAddress } = this.#terms;
    const isUsable = familyOf(ourAddress) === family || (canDiffer && ourAddress.includes(':'));
    return isUsable ? ourAddress : null;
  }

  /**
   * RFC 2545 section 3: only beside our own address, on the neighbour's link. A session between
   * link-local addresses has no global one: then both are the link-local one, as FRR has it.
   */
  #linkLocalBeside(nextHop: IpAddress): IpAddress | null {
    if (isLinkLocal(nextHop)) return nextHop;
    const { ourAddress, ourLinkLocal } = this.#terms;
    return nextHop === ourAddress && familyOf(nextHop) === 'ipv6' ? ourLinkLocal : null;
  }
}

/** RFC 8326 section 4.1: the least there is. */
function preferenceOf(route: AnnouncedRoute, wanted: RouteAttributes): number {
  return route.isShuttingDown ? 0 : (wanted.localPreference ?? localPreferenceDefault);
}

function withoutHostBits(prefix: Prefix): Prefix {
  return prefix.length === hostLength(prefix.address) ? prefix : networkOf(prefix);
}

function keyOf(attributes: SentAttributes): string {
  const { extendedCommunities, ...others } = attributes;
  const entries = Object.entries(others).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([entries, extendedCommunities.map((octets) => [...octets])]);
}
