// What is known of tracked things: the words that the control thread tells the protocol loop.
import type { TrackedKind } from '../../config/tracking.js';

export type TrackedFact = {
  readonly kind: TrackedKind;
  readonly name: string;
  /** The number in a file; of anything else 1: up, 0: down. */
  readonly value: number;
};

/** undefined: not known yet. */
export type TrackedFacts = {
  get(thing: Pick<TrackedFact, 'kind' | 'name'>): TrackedFact['value'] | undefined;
};

export function factKey(kind: TrackedKind, name: string): string {
  return `${kind} ${name}`;
}
