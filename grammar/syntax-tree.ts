// What the grammar makes of the text: statements of words, some with a block. Knows no keyword.

/** 1-based line and column in the file that the operator wrote, also behind an `include`. */
export type Position = { readonly file: string; readonly line: number; readonly column: number };

export type TokenType = 'word' | 'newline' | 'lbrace' | 'rbrace';

/** `text` is what the token means: without quotes, with escapes undone. */
export type Token = {
  readonly type: TokenType;
  readonly text: string;
  readonly isQuoted: boolean;
  readonly position: Position;
};

export type Word = Pick<Token, 'text' | 'isQuoted' | 'position'>;

export type Statement = {
  readonly keyword: Word;
  readonly arguments: readonly Word[];
  /** null: the statement has no braces. */
  readonly block: readonly Statement[] | null;
};

type Words = readonly [Word, ...Word[]];

// The builders that grammar/keepalived.ne calls: each takes the matched parts of its rule.

export function firstWord(token: Token): Word[] {
  return [wordOf(token)];
}

/** Appends in place: a list of n words stays linear. */
export function nextWord(words: Word[], token: Token): Word[] {
  words.push(wordOf(token));
  return words;
}

export function plainStatement(words: Words): Statement {
  return { keyword: words[0], arguments: words.slice(1), block: null };
}

export function blockStatement(words: Words, block: readonly Statement[]): Statement {
  return { keyword: words[0], arguments: words.slice(1), block };
}

export function noStatement(): Statement[] {
  return [];
}

export function nextStatement(statements: Statement[], next: Statement): Statement[] {
  statements.push(next);
  return statements;
}

function wordOf({ text, isQuoted, position }: Token): Word {
  return { text, isQuoted, position };
}
