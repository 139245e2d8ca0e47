// What is said of one neighbour: for status, metrics and the log.
import type { BgpNeighbor } from '../../config/bgp.js';
import type { IpAddress } from '../../net/address.js';
import { type BgpCounters, copyBgpCounters } from './counters.js';
import type { BgpFailure, BgpState } from './effect.js';
import { describeNotification, shutdownText } from './message/notification.js';
import { readableText } from './message/readable-text.js';
import type { Negotiated } from './negotiation.js';

export type BgpFailureFact = {
  readonly atMs: number;
  /** "down: sent Cease/BFD Down (6/10)", "down: connection refused". */
  readonly text: string;
  readonly by: BgpFailure['by'];
  readonly code: number | null;
  readonly subcode: number | null;
  /** RFC 9003, safe to print. */
  readonly shutdownText: string | null;
};

export type TimedFailure = BgpFailure & { readonly atMs: number };

export type BgpPeerFact = {
  readonly address: IpAddress;
  readonly description: string | null;
  readonly state: BgpState | 'shutdown';
  /** On the speaker's clock. */
  readonly sinceMs: number;
  /** As the neighbour says; before that as it is configured. */
  readonly remoteAs: number | 'external';
  readonly isInternal: boolean;
  /** null: no OPEN has been accepted on this connection. */
  readonly negotiated: Negotiated | null;
  readonly localAddress: IpAddress | null;
  readonly counters: Readonly<BgpCounters>;
  /** Announced to it now. */
  readonly prefixesSent: number;
  /** Wanted, but not announced to it. */
  readonly prefixesRefused: number;
  /** Also of attempts to connect. */
  readonly lastFailure: BgpFailureFact | null;
  /** The last one that a NOTIFICATION told of, sent or received. */
  readonly lastNotification: BgpFailureFact | null;
};

export type PeerFactSource = {
  readonly neighbor: BgpNeighbor;
  readonly state: BgpState;
  readonly sinceMs: number;
  readonly negotiated: Negotiated | null;
  readonly localAddress: IpAddress | null;
  readonly counters: BgpCounters;
  readonly routes: { readonly sentCount: number; readonly refusedCount: number };
  readonly lastFailure: TimedFailure | null;
  readonly lastNotification: TimedFailure | null;
};

export function peerFact(source: PeerFactSource): BgpPeerFact {
  const { neighbor, state, sinceMs, negotiated, localAddress, counters, routes } = source;
  return {
    address: neighbor.address,
    description: neighbor.description,
    state: neighbor.shutdown !== null && state === 'idle' ? 'shutdown' : state,
    sinceMs,
    remoteAs: negotiated?.remoteAs ?? neighbor.remoteAs,
    isInternal: neighbor.isInternal,
    negotiated,
    localAddress,
    counters: copyBgpCounters(counters),
    prefixesSent: routes.sentCount,
    prefixesRefused: routes.refusedCount,
    lastFailure: failureFact(source.lastFailure),
    lastNotification: failureFact(source.lastNotification),
  };
}

function failureFact(failure: TimedFailure | null): BgpFailureFact | null {
  if (failure === null) return null;
  const { atMs, by, notification } = failure;
  return {
    atMs,
    text: describeFailure(failure),
    by,
    code: notification?.code ?? null,
    subcode: notification?.subcode ?? null,
    shutdownText: notification === null ? null : shutdownText(notification),
  };
}

/** What a neighbour or the system says is made safe to print. */
export function describeFailure({ by, notification, reason }: BgpFailure): string {
  if (notification === null) return `down: ${printable(reason ?? 'closed')}`;
  const said = `${by === 'us' ? 'sent' : 'received'} ${describeNotification(notification)}`;
  const { code, subcode } = notification;
  const text = shutdownText(notification);
  const why = [reason === null ? null : printable(reason), text === null ? null : `"${text}"`];
  const details = why.filter((part) => part !== null).join(', ');
  return `down: ${said} (${code}/${subcode})${details === '' ? '' : `: ${details}`}`;
}

function printable(text: string): string {
  return readableText(new TextEncoder().encode(text));
}
