// What the threads tell each other of the sessions of bfd_instance blocks, and what operators read.
import type { TrackedFact } from '../ha/tracking/facts.js';
import type { BfdFact } from '../routing/bfd/fact.js';

export type BfdNews = {
  /** Of the bfd_instance. */
  readonly name: string;
  readonly fact: BfdFact;
  /** It or an earlier session of its name was Up: that it is not now is a failure. */
  readonly hasBeenUp: boolean;
};

/** A bfd_instance in `keelson status`. */
export type BfdStatus = Omit<BfdFact, 'sinceMs'> & {
  readonly name: string;
  readonly sinceSeconds: number;
};

export function bfdStatus({ name, fact }: BfdNews, nowMs: number): BfdStatus {
  const { sinceMs, ...others } = fact;
  return { name, ...others, sinceSeconds: Math.max(0, (nowMs - sinceMs) / 1000) };
}

/** What BFD_CHECK follows; none: it is not known yet whether the server has a session. */
export function checkedFacts(news: readonly BfdNews[]): readonly TrackedFact[] {
  return news
    .filter(({ hasBeenUp }) => hasBeenUp)
    .map(({ name, fact }) => ({ kind: 'bfd', name, value: fact.state === 'Up' ? 1 : 0 }));
}

/** keepalived's own line, and why. */
export function bfdLine(name: string, fact: BfdFact): string {
  const { state, localDiagnostic, remoteDiagnostic, lastReason } = fact;
  const line = `BFD_Instance(${name}) Entering ${state} state`;
  if (state === 'Up' || state === 'Init') return line;
  const why = lastReason === null ? '' : `: ${lastReason}`;
  const local = `Local diagnostic - ${localDiagnostic}`;
  return `${line} (${local}, Remote diagnostic - ${remoteDiagnostic})${why}`;
}
