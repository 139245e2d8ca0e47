// Lines -> SyntaxTree. The only user of grammar/. One top-level statement goes to the parser at a
// time, so the work is linear in the file and an error in one block does not hide those in others.
import nearley from 'nearley';
import compiled from '../../grammar/keepalived.generated.js';
import type { Statement, Token } from '../../grammar/syntax-tree.js';
import { tokenize } from '../../grammar/tokens.js';
import { formatPlace, type Report } from './diagnostic.js';
import type { SourceLine } from './load.js';

const grammar = nearley.Grammar.fromCompiled(compiled);

/** Blocks within blocks; keepalived's language needs four. */
const depthMax = 32;

/** `rootKeywords` are only used where a block is never closed: there they begin the next one. */
export function parse(
  lines: readonly SourceLine[],
  rootKeywords: ReadonlySet<string>,
  report: Report,
): Statement[] {
  const statements: Statement[] = [];
  const cutter = new Cutter(rootKeywords, report);
  for (const tokens of cutter.cut(allTokens(lines, report))) {
    const statement = parseStatement(tokens, report);
    if (statement !== null) statements.push(statement);
  }
  return statements;
}

function* allTokens(lines: readonly SourceLine[], report: Report): Generator<Token> {
  for (const { file, line, text } of lines) {
    yield* tokenize(text, { file, line }, ({ position, message }) =>
      report.error('config.syntax', position, message),
    );
  }
}

/**
 * Cuts the tokens where the depth of braces is 0, and arranges them as the grammar wants: no
 * newline before "{", one after it, one before "}", one after each statement.
 */
class Cutter {
  #statement: Token[] = [];
  #open: Token[] = [];
  /** Set once the end of the file has shown that a block is not closed. */
  #isRecovering = false;
  readonly #rootKeywords: ReadonlySet<string>;
  readonly #report: Report;

  constructor(rootKeywords: ReadonlySet<string>, report: Report) {
    this.#rootKeywords = rootKeywords;
    this.#report = report;
  }

  *cut(tokens: Iterable<Token>): Generator<Token[]> {
    for (const token of tokens) {
      if (this.#isRecovering && this.#beginsRootBlock(token)) yield this.#closed(token);
      if (this.#isEnded(token)) yield this.#taken();
      if (this.#isExtra(token)) continue;
      if (token.type === 'lbrace') this.#open.push(token);
      if (token.type === 'rbrace') this.#open.pop();
      append(this.#statement, token);
    }
    if (this.#open.length === 0) {
      if (this.#statement.length > 0) yield this.#taken();
    } else if (this.#isRecovering) {
      yield this.#closed(null);
    } else {
      this.#isRecovering = true;
      yield* this.cut(this.#taken());
    }
  }

  #isEnded({ type }: Token): boolean {
    const isComplete = this.#open.length === 0 && this.#statement.at(-1)?.type === 'newline';
    return isComplete && type !== 'newline' && type !== 'lbrace';
  }

  #isExtra(token: Token): boolean {
    if (token.type !== 'rbrace' || this.#open.length > 0) return false;
    const message = 'this "}" closes nothing; remove it, or look for a missing "{" above';
    this.#report.error('config.extra_brace', token.position, message);
    return true;
  }

  #beginsRootBlock({ type, text }: Token): boolean {
    const isFirst = this.#open.length > 0 && this.#statement.at(-1)?.type === 'newline';
    return isFirst && type === 'word' && this.#rootKeywords.has(text);
  }

  #taken(): Token[] {
    const statement = this.#statement;
    this.#statement = [];
    this.#open = [];
    return statement;
  }

  /** The statement with the braces that it lacks, so that what is inside is read, too. */
  #closed(next: Token | null): Token[] {
    const { length } = this.#open;
    const [outermost] = this.#open;
    if (outermost === undefined) throw new Error('assertion: nothing is open');
    const where = next === null ? 'at the end of the file' : `before ${formatPlace(next.position)}`;
    const message = `this "{" is never closed (${length} "}" missing ${where})`;
    this.#report.error('config.unclosed_block', outermost.position, message);
    for (const { position } of this.#open) {
      append(this.#statement, { type: 'rbrace', text: '}', isQuoted: false, position });
    }
    return this.#taken();
  }
}

function append(statement: Token[], token: Token): void {
  const last = statement.at(-1);
  switch (token.type) {
    case 'newline':
      if (last !== undefined && last.type !== 'newline') statement.push(token);
      return;
    case 'lbrace':
      if (last?.type === 'newline') statement.pop();
      statement.push(token, newlineAt(token));
      return;
    case 'rbrace':
      if (last?.type !== 'newline') statement.push(newlineAt(token));
      statement.push(token, newlineAt(token));
      return;
    case 'word':
      statement.push(token);
  }
}

function newlineAt({ position }: Token): Token {
  return { type: 'newline', text: '', isQuoted: false, position };
}

function parseStatement(tokens: readonly Token[], report: Report): Statement | null {
  const misplaced = misplacedBrace(tokens);
  if (misplaced !== null) {
    report.error('config.unexpected_brace', misplaced.token.position, misplaced.message);
    return null;
  }
  const parser = new nearley.Parser(grammar);
  parser.lexer = feederOf(tokens);
  parser.feed('');
  const [statement] = parser.results as Statement[];
  if (statement === undefined) throw new Error('assertion: arranged tokens always parse');
  return statement;
}

/** The only ways in which arranged tokens can break the grammar, in the operator's words. */
function misplacedBrace(tokens: readonly Token[]): { token: Token; message: string } | null {
  let depth = 0;
  let previous: Token | null = null;
  for (const token of tokens) {
    if (token.type === 'lbrace') {
      depth += 1;
      if (previous?.type !== 'word') {
        return { token, message: 'a "{" needs a keyword before it' };
      }
      if (depth > depthMax) return { token, message: `blocks are nested over ${depthMax} deep` };
    }
    if (token.type === 'rbrace') depth -= 1;
    previous = token;
  }
  return null;
}

/** Hands our tokens to nearley in place of a text. */
function feederOf(tokens: readonly Token[]): nearley.Lexer {
  let index = 0;
  return {
    reset: () => {},
    next: () => tokens[index++] as unknown as nearley.LexerState & { value: string },
    save: () => ({}),
    formatError: () => 'assertion: arranged tokens always parse',
    has: () => true,
  } as unknown as nearley.Lexer;
}
