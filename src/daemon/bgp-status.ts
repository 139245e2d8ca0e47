// The BGP speakers as an operator may know them: `keelson status`, its JSON and the metrics.
import type { IpAddress } from '../net/address.js';
import type { BgpPeerFact } from '../routing/bgp/peer-fact.js';
import type { BgpFact } from '../routing/bgp/speaker.js';

export type BgpFailureStatus = {
  readonly secondsAgo: number;
  /** "down: received Cease/Administrative Shutdown (6/2)" */
  readonly text: string;
};

export type BgpNeighborStatus = {
  readonly address: IpAddress;
  readonly description: string | null;
  readonly state: BgpPeerFact['state'];
  readonly sinceSeconds: number;
  readonly remoteAs: number | 'external';
  readonly isInternal: boolean;
  /** null: no session. */
  readonly session: {
    readonly localAddress: IpAddress | null;
    readonly remoteIdentifier: IpAddress;
    readonly remoteHost: string | null;
    readonly holdSeconds: number;
    readonly keepaliveSeconds: number;
    readonly terms: Readonly<Record<string, unknown>>;
    readonly hasGracefulRestart: boolean;
  } | null;
  readonly prefixesSent: number;
  readonly prefixesRefused: number;
  readonly counters: BgpPeerFact['counters'];
  readonly lastFailure: BgpFailureStatus | null;
  /** The last one that a NOTIFICATION told of. */
  readonly lastNotification: BgpFailureStatus | null;
};

export type BgpStatus = Omit<BgpFact, 'neighbors'> & {
  readonly neighbors: readonly BgpNeighborStatus[];
};

export function bgpStatuses(facts: readonly BgpFact[], nowMs: number): readonly BgpStatus[] {
  return facts.map((fact) => ({
    ...fact,
    neighbors: fact.neighbors.map((one) => neighborStatus(one, nowMs)),
  }));
}

function neighborStatus(fact: BgpPeerFact, nowMs: number): BgpNeighborStatus {
  const { address, description, state, remoteAs, isInternal, counters } = fact;
  return {
    address,
    description,
    state,
    sinceSeconds: secondsSince(fact.sinceMs, nowMs),
    remoteAs,
    isInternal,
    session: sessionOf(fact),
    prefixesSent: fact.prefixesSent,
    prefixesRefused: fact.prefixesRefused,
    counters,
    lastFailure: failureStatus(fact.lastFailure, nowMs),
    lastNotification: failureStatus(fact.lastNotification, nowMs),
  };
}

function sessionOf({ negotiated, localAddress, state }: BgpPeerFact): BgpNeighborStatus['session'] {
  if (negotiated === null || state !== 'established') return null;
  return {
    localAddress,
    remoteIdentifier: negotiated.remoteIdentifier,
    remoteHost: negotiated.remoteHost,
    holdSeconds: negotiated.holdMs / 1000,
    keepaliveSeconds: negotiated.keepaliveMs / 1000,
    terms: negotiated.terms,
    hasGracefulRestart: negotiated.gracefulRestart !== null,
  };
}

function failureStatus(
  failure: BgpPeerFact['lastFailure'],
  nowMs: number,
): BgpFailureStatus | null {
  if (failure === null) return null;
  return { secondsAgo: secondsSince(failure.atMs, nowMs), text: failure.text };
}

function secondsSince(atMs: number, nowMs: number): number {
  return Math.max(0, (nowMs - atMs) / 1000);
}
