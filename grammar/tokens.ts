// The words of keepalived.conf. A line is lexed by itself: nothing but blocks spans lines, and
// blocks are the grammar's. Comments begin with "#" or "!" anywhere outside quotes; "\#" and "\!"
// are the letters.
import moo from 'moo';
import type { Position, Token } from './syntax-tree.js';

const lexer = moo.compile({
  space: /[ \t\f\v\r]+/,
  comment: /[#!][^\n]*/,
  quoted: /"[^"]*"/,
  unterminated: /"[^"]*/,
  lbrace: '{',
  rbrace: '}',
  word: /(?:\\[#!]|\\(?![#!])|[^\s{}"#!\\])+/,
  // White space outside ASCII: shown by its code in the complaint. Not ".", which misses U+2028.
  strange: /[^\n]/,
});

/** What nearley asks a lexer at compile time: every token of ours has a name. */
export const tokenNames = {
  has: (name: string): boolean => ['word', 'newline', 'lbrace', 'rbrace'].includes(name),
} as unknown as moo.Lexer;

export type LexError = { readonly position: Position; readonly message: string };

/** The tokens of one line, without its line end; a newline token closes them. */
export function tokenize(
  text: string,
  place: Pick<Position, 'file' | 'line'>,
  report: (error: LexError) => void,
): Token[] {
  const tokens: Token[] = [];
  lexer.reset(text);
  for (let found = lexer.next(); found !== undefined; found = lexer.next()) {
    const position = { ...place, column: found.col };
    const token = tokenOf(found, position);
    if (token !== null) tokens.push(token);
    const complaint = complaintOf(found);
    if (complaint !== null) report({ position, message: complaint });
  }
  const column = text.length + 1;
  tokens.push({ type: 'newline', text: '', isQuoted: false, position: { ...place, column } });
  return tokens;
}

function tokenOf({ type, text }: moo.Token, position: Position): Token | null {
  switch (type) {
    case 'lbrace':
    case 'rbrace':
      return { type, text, isQuoted: false, position };
    case 'word': {
      const meaning = text.includes('\\') ? text.replaceAll(/\\([#!])/g, '$1') : text;
      return { type, text: meaning, isQuoted: false, position };
    }
    case 'quoted':
      return { type: 'word', text: text.slice(1, -1), isQuoted: true, position };
    case 'unterminated':
      return { type: 'word', text: text.slice(1), isQuoted: true, position };
    default:
      return null;
  }
}

function complaintOf({ type, text }: moo.Token): string | null {
  if (type === 'unterminated') return 'the quote is not closed on this line; add a "';
  if (type !== 'strange') return null;
  const code = (text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `character U+${code} has no meaning here; remove it or put the word in double quotes`;
}
