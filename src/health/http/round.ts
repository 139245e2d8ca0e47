// Which page of a checker is next, and when the checker as a whole has succeeded: one page an
// attempt, in turn; one that failed is asked alone until it succeeds; a server that was down must
// then serve all of them again. Pure.

export type Round = {
  /** Index of the page that the next attempt asks for. */
  readonly next: number;
  /** The last attempt failed. */
  readonly hasFailed: boolean;
};

export const firstRound: Round = { next: 0, hasFailed: false };

export type RoundStep = { readonly round: Round; readonly isOver: boolean };

export function failedIn({ next }: Round): Round {
  return { next, hasFailed: true };
}

/** `isUp`: the verdict of the checker before the attempt; null: none yet. */
export function succeededIn(
  { next, hasFailed }: Round,
  pages: number,
  isUp: boolean | null,
): RoundStep {
  if (hasFailed && isUp === false && pages > 1) return { round: firstRound, isOver: false };
  const isOver = next + 1 >= pages;
  return { round: isOver ? firstRound : { next: next + 1, hasFailed: false }, isOver };
}
