import nearley from 'nearley';
import t from 'tap';
import compiled from '../../grammar/keepalived.generated.js';
import type { Statement, Token, TokenType } from '../../grammar/syntax-tree.js';

const types: Readonly<Record<string, TokenType>> = { '{': 'lbrace', '}': 'rbrace', ';': 'newline' };

function tokensOf(text: string): Token[] {
  return text.split(' ').map((word, index) => ({
    type: types[word] ?? 'word',
    text: word,
    isQuoted: false,
    position: { file: 'f', line: 1, column: index + 1 },
  }));
}

/** Every reading of the tokens: a grammar without ambiguity has one at most. */
function readings(tokens: readonly Token[]): Statement[] {
  const parser = new nearley.Parser(nearley.Grammar.fromCompiled(compiled));
  let index = 0;
  parser.lexer = {
    reset: () => {},
    next: () => tokens[index++],
    save: () => ({}),
    formatError: () => 'unexpected',
    has: () => true,
  } as unknown as nearley.Lexer;
  parser.feed('');
  return parser.results as Statement[];
}

function show({ keyword, arguments: words, block }: Statement): string {
  const head = [keyword, ...words].map(({ text }) => text).join(' ');
  return block === null ? head : `${head} (${block.map(show).join(', ')})`;
}

t.test('a statement is words with or without a block, and has one reading', (t) => {
  const table: readonly (readonly [string, string])[] = [
    ['a ;', 'a'],
    ['a b c ;', 'a b c'],
    ['a { ; } ;', 'a ()'],
    ['a b { ; c d ; e ; } ;', 'a b (c d, e)'],
    ['a { ; b { ; c { ; d ; } ; } ; e ; } ;', 'a (b (c (d)), e)'],
  ];
  for (const [text, tree] of table) t.same(readings(tokensOf(text)).map(show), [tree], text);
  t.end();
});

t.test('what is not arranged is refused', (t) => {
  for (const text of ['{ ; } ;', 'a { b ; } ;', 'a { ; b } ;', '; a ;', 'a ; b ;', 'a { ; } b ;']) {
    t.throws(() => readings(tokensOf(text)), text);
  }
  t.same(readings(tokensOf('a { ; b ;')), [], 'an open block is no statement');
  t.end();
});

t.test('long lists stay lists: 20 000 statements, 20 000 words', (t) => {
  const block = `a { ; ${'b c ; '.repeat(20_000)}} ;`;
  t.equal(readings(tokensOf(block))[0]?.block?.length, 20_000);
  const words = `a ${'b '.repeat(20_000)};`;
  t.equal(readings(tokensOf(words))[0]?.arguments.length, 20_000);
  t.end();
});
