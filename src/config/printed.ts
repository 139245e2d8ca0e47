// A statement as it is printed: what `print.ts` writes and `difference.ts` compares.

export type Printed = {
  /** The keyword and its arguments, quoted where they must be. */
  readonly words: readonly string[];
  readonly block: readonly Printed[] | null;
};

/** "head {", the lines of the block four spaces deeper, "}". */
export function printedLines({ words, block }: Printed): readonly string[] {
  const head = words.join(' ');
  if (block === null) return [head];
  return [`${head} {`, ...block.flatMap(printedLines).map((line) => `    ${line}`), '}'];
}
