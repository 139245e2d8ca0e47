// What distinguishes two files, statement by statement: keywords added, removed and changed, in the
// blocks where they stand. Pure and linear; the order of statements does not count.
import type { Printed } from './printed.js';

export type Edit =
  /** With everything that is inside. */
  | { readonly type: 'added' | 'removed'; readonly statement: Printed }
  /** One keyword with other words behind it. */
  | { readonly type: 'changed'; readonly from: Printed; readonly to: Printed }
  /** The same block with other contents. */
  | { readonly type: 'inside'; readonly words: readonly string[]; readonly edits: readonly Edit[] };

/** Empty: both say the same. */
export function edits(before: readonly Printed[], after: readonly Printed[]): readonly Edit[] {
  const [left, right] = [identified(before, after), identified(after, before)];
  const removed = [...left].filter(([identity]) => !right.has(identity));
  return [
    ...removed.map(([, statement]): Edit => ({ type: 'removed', statement })),
    ...[...right].flatMap(([identity, to]) => editsOf(left.get(identity), to)),
  ];
}

function editsOf(from: Printed | undefined, to: Printed): readonly Edit[] {
  if (from === undefined) return [{ type: 'added', statement: to }];
  if (headOf(from) !== headOf(to) || from.block === null || to.block === null) {
    return isSame(from, to) ? [] : [{ type: 'changed', from, to }];
  }
  const inner = edits(from.block, to.block);
  return inner.length === 0 ? [] : [{ type: 'inside', words: to.words, edits: inner }];
}

/**
 * The statements by what makes them the same on both sides: a keyword that stands once on each side
 * by its name, any other by all of its words, equal ones in the order in which they stand.
 */
function identified(
  own: readonly Printed[],
  other: readonly Printed[],
): ReadonlyMap<string, Printed> {
  const [ownCounts, otherCounts] = [countsOf(own), countsOf(other)];
  const seen = new Map<string, number>();
  return new Map(
    own.map((statement) => {
      const name = statement.words[0] ?? '';
      const isSingle = ownCounts.get(name) === 1 && (otherCounts.get(name) ?? 1) === 1;
      const isValue = statement.block === null && statement.words.length > 1;
      const identity = isSingle && isValue ? name : headOf(statement);
      const number = seen.get(identity) ?? 0;
      seen.set(identity, number + 1);
      return [`${identity}\0${number}`, statement];
    }),
  );
}

function countsOf(statements: readonly Printed[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { words } of statements) {
    const name = words[0] ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function headOf({ words }: Printed): string {
  return words.join(' ');
}

function isSame(left: Printed, right: Printed): boolean {
  if (headOf(left) !== headOf(right)) return false;
  if (left.block === null || right.block === null) return left.block === right.block;
  return edits(left.block, right.block).length === 0;
}
