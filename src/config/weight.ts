// The weight of a tracked thing itself: a number, and whether it counts the other way round.
import { clamped } from './bounds.js';
import { integer, type Phrase } from './phrases.js';

export type Weight = { readonly weight: number; readonly isReversed: boolean };

/** NUMBER [reverse]; numbers beyond are pulled back with a warning. */
export function weightUpTo(max: number): Phrase<Weight> {
  const number = clamped(integer(-2_147_483_648, 2_147_483_647), -max, max);
  return {
    shape: `-${max} to ${max} [reverse]`,
    options: {
      reverse: {
        documentation: 'The weight counts with the opposite sign.',
        phrase: null,
        isActedOn: true,
      },
    },
    read: (words) => {
      const weight = number.read(words);
      if (weight === undefined) return undefined;
      return { weight, isReversed: words.takeIf('reverse') !== undefined };
    },
    write: ({ weight, isReversed }) => [String(weight), ...(isReversed ? ['reverse'] : [])],
  };
}
