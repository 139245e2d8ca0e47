// Lines -> SyntaxTree, one top-level statement at a time, so that memory holds one block of a large
// file and an error in one block does not hide those in others. The only user of grammar/tokens.ts.
import type { Position, Statement, Word } from '../../grammar/syntax-tree.js';
import { type Line, type Piece, scan } from '../../grammar/tokens.js';
import { formatPlace, type Report } from './diagnostic.js';

/** Blocks within blocks; keepalived's language needs five. */
const depthMax = 32;

type Growing = Omit<Statement, 'block'> & { block: Growing[] | null };

/** One pair of braces and what is inside, be it left out or not. */
type Open = {
  readonly statements: Growing[];
  readonly at: Position;
  readonly mark: Mark;
};

/** A place in the text to read again from. */
type Mark = { readonly line: number; readonly piece: number };

/** `rootKeywords` are only used where a block is never closed: there they begin the next one. */
export function* parse(
  lines: readonly Line[],
  rootKeywords: ReadonlySet<string>,
  report: Report,
): Generator<Statement> {
  let from: Mark = { line: 0, piece: 0 };
  let isRecovering = false;
  for (;;) {
    const reader = new Reader(isRecovering ? rootKeywords : null, report);
    yield* reader.read(lines, from);
    const unclosed = reader.unclosed();
    if (unclosed === null) return;
    // The end of the file has shown that a block is not closed: what follows it is read again.
    from = unclosed;
    isRecovering = true;
  }
}

class Reader {
  readonly #open: Open[] = [];
  /** The latest statement of the innermost block while a "{" may still follow. */
  #pending: Growing | null = null;
  /** The latest statement of the root, complete once the next one begins. */
  #root: { readonly statement: Growing; readonly mark: Mark } | null = null;
  readonly #rootKeywords: ReadonlySet<string> | null;
  readonly #report: Report;

  constructor(rootKeywords: ReadonlySet<string> | null, report: Report) {
    this.#rootKeywords = rootKeywords;
    this.#report = report;
  }

  *read(lines: readonly Line[], from: Mark): Generator<Statement> {
    const isAgain = this.#rootKeywords !== null;
    for (let index = from.line; index < lines.length; index++) {
      const line = lines[index];
      if (line === undefined) break;
      const pieces = scan(line, ({ position, message }) => {
        if (!isAgain) this.#report.error('config.syntax', position, message);
      });
      for (let number = index === from.line ? from.piece : 0; number < pieces.length; number++) {
        const piece = pieces[number];
        if (piece !== undefined) yield* this.#take(piece, { line: index, piece: number });
      }
    }
    if (this.#open.length > 0 && this.#rootKeywords !== null) this.#closeAll(null);
    if (this.#open.length === 0 && this.#root !== null) yield this.#root.statement;
  }

  /** Where the block begins that the end of the file left open. */
  unclosed(): Mark | null {
    const [outermost] = this.#open;
    return outermost === undefined ? null : (this.#root?.mark ?? outermost.mark);
  }

  *#take(piece: Piece, mark: Mark): Generator<Statement> {
    const [keyword] = piece.words;
    if (keyword !== undefined) {
      if (this.#open.length > 0 && this.#rootKeywords?.has(keyword.text)) this.#closeAll(keyword);
      const done = this.#begin(piece, keyword, mark);
      if (done !== null) yield done;
    }
    if (piece.brace === '{') this.#enter(piece.end, mark);
    if (piece.brace === '}') this.#leave(piece.end);
  }

  /** The statement of the root that this one ends. */
  #begin({ words, rest }: Piece, keyword: Word, mark: Mark): Statement | null {
    const statement: Growing = { keyword, arguments: words.slice(1), rest, block: null };
    this.#pending = statement;
    const innermost = this.#open.at(-1);
    if (innermost !== undefined) {
      innermost.statements.push(statement);
      return null;
    }
    const done = this.#root?.statement ?? null;
    this.#root = { statement, mark };
    return done;
  }

  #enter(at: Position, mark: Mark): void {
    const opener = this.#pending;
    this.#pending = null;
    const statements: Growing[] = [];
    if (opener === null) {
      const message = 'a "{" needs a keyword before it; what is inside is left out';
      this.#report.error('config.unexpected_brace', at, message);
    } else {
      opener.block = this.#open.length < depthMax ? statements : [];
    }
    if (this.#open.length === depthMax) {
      const message = `blocks are nested more than ${depthMax} deep; the inner ones are left out`;
      this.#report.error('config.too_deep', at, message);
    }
    this.#open.push({ statements, at, mark });
  }

  #leave(at: Position): void {
    this.#pending = null;
    if (this.#open.pop() !== undefined) return;
    const message = 'this "}" closes nothing; remove it, or look for a missing "{" above';
    this.#report.error('config.extra_brace', at, message);
  }

  /** Closes what is open, so that what is inside is read, too. */
  #closeAll(next: Word | null): void {
    const [outermost] = this.#open;
    if (outermost === undefined) return;
    const { length } = this.#open;
    const where = next === null ? 'at the end of the file' : `before ${formatPlace(next.position)}`;
    const message = `this "{" is never closed (${length} "}" missing ${where})`;
    this.#report.error('config.unclosed_block', outermost.at, message);
    this.#open.length = 0;
    this.#pending = null;
  }
}
