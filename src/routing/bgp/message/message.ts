// The messages of BGP-4 (RFC 4271 section 4) as values.
import type { AddressFamily, IpAddress } from '../../../net/address.js';
import type { Prefix } from '../../../net/prefix.js';

export type Capability =
  /** RFC 4760, unicast. Other families are `unknown`. */
  | { readonly type: 'multiprotocol'; readonly family: AddressFamily }
  | { readonly type: 'route_refresh' }
  | { readonly type: 'enhanced_route_refresh' }
  | { readonly type: 'extended_message' }
  /** RFC 8950: IPv4 unicast with IPv6 next hops. */
  | { readonly type: 'extended_next_hop' }
  | {
      /** RFC 4724, 8538. */
      readonly type: 'graceful_restart';
      readonly isRestarting: boolean;
      readonly hasNotification: boolean;
      readonly restartS: number;
      readonly families: readonly {
        readonly family: AddressFamily;
        readonly isForwarding: boolean;
      }[];
    }
  | { readonly type: 'four_octet_as'; readonly as: number }
  | { readonly type: 'fqdn'; readonly host: string; readonly domain: string }
  | { readonly type: 'unknown'; readonly code: number; readonly value: Uint8Array };

export type Open = {
  readonly type: 'open';
  /** The two octets: AS_TRANS (23456) for a greater one. */
  readonly as: number;
  readonly holdS: number;
  readonly identifier: IpAddress;
  readonly capabilities: readonly Capability[];
};

/** Path attributes that we send; communities as the octets of their values. */
export type SentAttributes = {
  /** Our own AS, once for each place; empty inside our AS. */
  readonly asPath: readonly number[];
  readonly nextHop: IpAddress;
  /** With a global IPv6 next hop on the same link (RFC 2545). */
  readonly linkLocalNextHop: IpAddress | null;
  readonly med: number | null;
  /** null: another AS is told nothing. */
  readonly localPreference: number | null;
  readonly communities: readonly number[];
  readonly extendedCommunities: readonly Uint8Array[];
  readonly largeCommunities: readonly (readonly [number, number, number])[];
};

export type SentUpdate =
  | {
      readonly type: 'announce';
      readonly family: AddressFamily;
      readonly attributes: SentAttributes;
      readonly prefixes: readonly Prefix[];
    }
  | {
      readonly type: 'withdraw';
      readonly family: AddressFamily;
      readonly prefixes: readonly Prefix[];
    }
  | { readonly type: 'end_of_rib'; readonly family: AddressFamily };

/** Of what a neighbour sends we keep nothing but numbers. */
export type ReceivedUpdate = {
  readonly type: 'update';
  readonly announced: number;
  readonly withdrawn: number;
  /** A family whose first set of routes is complete (RFC 4724). */
  readonly endOfRib: AddressFamily | null;
  /** What RFC 7606 would treat as withdrawn or discard: why; null: nothing is wrong. */
  readonly complaint: string | null;
};

export type Notification = {
  readonly type: 'notification';
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
};

export type RouteRefresh = {
  readonly type: 'route_refresh';
  /** null: one that we do not have. */
  readonly family: AddressFamily | null;
  /** RFC 7313; of an ORF (RFC 5291) a plain request is left. */
  readonly phase: 'request' | 'begin' | 'end';
};

export type ReceivedMessage =
  | Open
  | ReceivedUpdate
  | Notification
  | RouteRefresh
  | { readonly type: 'keepalive' };

/** The NOTIFICATION that answers a message that breaks the rules. */
export type MessageError = {
  readonly type: 'bgp.message';
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
  /** For the log. */
  readonly reason: string;
};
