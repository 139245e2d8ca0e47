// Lines -> SyntaxTree. The only user of grammar/. One top-level statement goes to the parser at a
// time, so the work is linear in the file and an error in one block does not hide those in others.
import nearley from 'nearley';
import compiled from '../../grammar/keepalived.generated.js';
import type { Statement, Token } from '../../grammar/syntax-tree.js';
import { tokenize } from '../../grammar/tokens.js';
import type { Report } from './diagnostic.js';
import type { SourceLine } from './load.js';

const grammar = nearley.Grammar.fromCompiled(compiled);

/** Blocks within blocks; keepalived's language needs four. */
const depthMax = 32;

export function parse(lines: readonly SourceLine[], report: Report): Statement[] {
  const statements: Statement[] = [];
  for (const tokens of topLevelStatements(allTokens(lines, report), report)) {
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
function* topLevelStatements(tokens: Iterable<Token>, report: Report): Generator<Token[]> {
  let statement: Token[] = [];
  const open: Token[] = [];
  for (const token of tokens) {
    const isEnded = open.length === 0 && statement.at(-1)?.type === 'newline';
    if (isEnded && token.type !== 'newline' && token.type !== 'lbrace') {
      yield statement;
      statement = [];
    }
    if (token.type === 'rbrace' && open.length === 0) {
      const message = 'this "}" closes nothing; remove it, or look for a missing "{" above';
      report.error('config.extra_brace', token.position, message);
      continue;
    }
    if (token.type === 'lbrace') open.push(token);
    if (token.type === 'rbrace') open.pop();
    append(statement, token);
  }
  const unclosed = open[0];
  if (unclosed !== undefined) {
    const message = `this "{" is never closed (${open.length} "}" missing at the end of the file)`;
    report.error('config.unclosed_block', unclosed.position, message);
  } else if (statement.length > 0) yield statement;
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
