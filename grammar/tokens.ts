// The words of keepalived.conf, one line at a time: nothing but blocks spans lines. A brace outside
// quotes cuts the line; a comment begins with "#" or "!" anywhere outside double quotes; "\#" and
// "\!" are the letters. Written by hand because it is most of the work of loading a large file:
// see docs/decisions/0008.
import type { Position, Word } from './syntax-tree.js';

/** `column` null: the text stands in the file as it is. Else all of it came from that column. */
export type Line = {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly column: number | null;
};

/** The words up to a brace or the end of the line. */
export type Piece = {
  readonly words: readonly Word[];
  /** The text behind the first word, without the brace and what follows. */
  readonly rest: string;
  readonly brace: '{' | '}' | null;
  /** Where the brace stands, or the end of the line. */
  readonly end: Position;
};

export type ScanError = { readonly position: Position; readonly message: string };

const codes = {
  tab: 0x09,
  carriageReturn: 0x0d,
  space: 0x20,
  exclamationMark: 0x21,
  quote: 0x22,
  hash: 0x23,
  backslash: 0x5c,
  leftBrace: 0x7b,
  rightBrace: 0x7d,
} as const;

/** An empty line, or one that holds only a comment, has no piece. */
export function scan(line: Line, report: (error: ScanError) => void): Piece[] {
  const { text } = line;
  const pieces: Piece[] = [];
  let words: Word[] = [];
  let restFrom = 0;
  let index = 0;
  const end = (brace: Piece['brace']): void => {
    const rest = words.length > 0 ? text.slice(restFrom, index) : '';
    pieces.push({ words, rest, brace, end: positionAt(line, index) });
    words = [];
  };
  const word = (found: Word, next: number): void => {
    if (words.length === 0) restFrom = next;
    words.push(found);
    index = next;
  };
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (isSpace(code)) index += 1;
    else if (code === codes.hash || code === codes.exclamationMark) break;
    else if (code === codes.leftBrace || code === codes.rightBrace) {
      end(code === codes.leftBrace ? '{' : '}');
      index += 1;
    } else if (code === codes.quote) {
      const closing = text.indexOf('"', index + 1);
      const position = positionAt(line, index);
      if (closing < 0) {
        report({ position, message: 'the quote is not closed on this line; add a "' });
      }
      const last = closing < 0 ? text.length : closing;
      word({ text: text.slice(index + 1, last), isQuoted: true, position }, last + 1);
    } else {
      const position = positionAt(line, index);
      const last = endOfWord(text, index);
      word({ text: meaningOf(text.slice(index, last)), isQuoted: false, position }, last);
    }
  }
  if (words.length > 0) end(null);
  return pieces;
}

function positionAt({ file, line, column }: Line, index: number): Position {
  return { file, line, column: column ?? index + 1 };
}

/** Space, tab, line feed, vertical tab, form feed and carriage return. */
function isSpace(code: number): boolean {
  return code === codes.space || (code >= codes.tab && code <= codes.carriageReturn);
}

function endOfWord(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case codes.backslash:
        if (isCommentSign(text.charCodeAt(index + 1))) index += 1;
        break;
      case codes.tab:
      case codes.tab + 1:
      case codes.tab + 2:
      case codes.tab + 3:
      case codes.carriageReturn:
      case codes.space:
      case codes.exclamationMark:
      case codes.quote:
      case codes.hash:
      case codes.leftBrace:
      case codes.rightBrace:
        return index;
      default:
    }
  }
  return text.length;
}

function isCommentSign(code: number): boolean {
  return code === codes.hash || code === codes.exclamationMark;
}

function meaningOf(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\([#!])/g, '$1') : text;
}
