// What the text is before it means anything: statements of words, some with a block. Knows no
// keyword.

/** 1-based line and column in the file that the operator wrote, also behind an `include`. */
export type Position = { readonly file: string; readonly line: number; readonly column: number };

/** `text` is what the word means: without quotes, with escapes undone. */
export type Word = {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly position: Position;
};

export type Statement = {
  readonly keyword: Word;
  readonly arguments: readonly Word[];
  /** What stands behind the keyword as it was written: commands are read by other rules. */
  readonly rest: string;
  /** null: the statement has no braces. */
  readonly block: readonly Statement[] | null;
};
