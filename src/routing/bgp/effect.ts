// What the machine of one BGP connection knows, what it may want done, and how it says so: effects
// are values, carried out by connection.ts.
import type { BgpNeighbor } from '../../config/bgp.js';
import type { AddressFamily, IpAddress } from '../../net/address.js';
import type { Notification, Open } from './message/message.js';
import type { Negotiated } from './negotiation.js';

export type BgpState = 'idle' | 'connect' | 'active' | 'open_sent' | 'open_confirm' | 'established';
export type BgpTimerName = 'idle_hold' | 'connect_retry' | 'hold' | 'keepalive' | 'send_hold';

/** What outlives a connection. */
export type BgpMemory = {
  /** Attempts in a row that ended with an error before they were Established. */
  readonly failures: number;
  /** false once, after a neighbour that does not know optional parameters (2/4). */
  readonly offersCapabilities: boolean;
  /** Our first OPEN after a restart is still to be answered (RFC 4724, R bit). */
  readonly isRestarting: boolean;
};

export type BgpSettings = {
  readonly neighbor: BgpNeighbor;
  readonly localAs: number;
  /** BGP identifier (RFC 6286). */
  readonly identifier: IpAddress;
  /** Name of this host for the FQDN capability; empty: not told. */
  readonly hostName: string;
  /** The data plane kept going over our restart (RFC 4724, F bit). */
  readonly isForwarding: boolean;
  readonly memory: BgpMemory;
  /** Known from the neighbour's OPEN on; null: not yet. */
  readonly negotiated: Negotiated | null;
};

/** How a session, or an attempt at one, ended. */
export type BgpFailure = {
  /** Who said it by a NOTIFICATION; 'none': nobody did. */
  readonly by: 'us' | 'neighbor' | 'none';
  readonly notification: Notification | null;
  /** Where the code alone does not say it. */
  readonly reason: string | null;
};

export type BgpEffect =
  | { readonly type: 'connect' }
  /** Without a NOTIFICATION. */
  | { readonly type: 'disconnect' }
  | { readonly type: 'send_open'; readonly open: Open }
  | { readonly type: 'send_keepalive' }
  /** The last message of its connection, which is closed behind it. */
  | { readonly type: 'send_notification'; readonly notification: Notification }
  /** Replaces the timer of that name; jittered: 75 to 100 % of it (RFC 4271 section 10). */
  | {
      readonly type: 'set_timer';
      readonly name: BgpTimerName;
      readonly delayMs: number;
      readonly isJittered: boolean;
    }
  | { readonly type: 'stop_timer'; readonly name: BgpTimerName }
  | { readonly type: 'remember'; readonly memory: Partial<BgpMemory> }
  | { readonly type: 'negotiate'; readonly negotiated: Negotiated | null }
  /** All routes and an End-of-RIB. */
  | { readonly type: 'begin_routes' }
  | { readonly type: 'resend_routes'; readonly family: AddressFamily }
  /** The neighbour's settings for routes are other ones. */
  | { readonly type: 'plan_routes' }
  | { readonly type: 'fail'; readonly failure: BgpFailure }
  | { readonly type: 'report'; readonly state: BgpState };

const allTimers = ['idle_hold', 'connect_retry', 'hold', 'keepalive', 'send_hold'] as const;

export const stopTimers: readonly BgpEffect[] = allTimers.map(stopTimer);

export function setTimer(name: BgpTimerName, delayMs: number, isJittered = false): BgpEffect {
  return { type: 'set_timer', name, delayMs, isJittered };
}

export function stopTimer(name: BgpTimerName): BgpEffect {
  return { type: 'stop_timer', name };
}
