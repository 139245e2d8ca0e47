// What is known of tracked things: the words that the control thread tells the protocol loop.
import type { TrackedKind } from '../../config/tracking.js';

export type TrackedFact = {
  readonly kind: TrackedKind;
  readonly name: string;
  /** The number in a file; of anything else 1: up, 0: down. */
  readonly value: number;
};

/** By kind and name; what is not in it is not known yet. */
export type TrackedFacts = ReadonlyMap<string, number>;

export function factKey(kind: TrackedKind, name: string): string {
  return `${kind} ${name}`;
}
