import t from 'tap';
import { type Piece, scan } from '../../grammar/tokens.js';

function pieces(text: string): Piece[] {
  return scan({ file: 'f', line: 3, text, column: null }, () => {});
}

/** The words of one line, with the braces that cut it. */
function texts(text: string): string[] {
  return pieces(text).flatMap(({ words, brace }) => [
    ...words.map((word) => word.text),
    ...(brace === null ? [] : [brace]),
  ]);
}

function complaints(text: string): string[] {
  const found: string[] = [];
  scan({ file: 'f', line: 3, text, column: null }, ({ position, message }) =>
    found.push(`${position.line}:${position.column}: ${message}`),
  );
  return found;
}

t.test('words, comments, quotes and escapes as keepalived has them', (t) => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['  priority   20 30', ['priority', '20', '30']],
    ['a\tb\fc\vd\r', ['a', 'b', 'c', 'd']],
    ['priority 5#z', ['priority', '5']],
    ['priority 5!z', ['priority', '5']],
    ['! all of it', []],
    ['# a carriage return\rends no comment', []],
    ['# a line separator\u2028ends none either', []],
    ['a \\#x b\\!c', ['a', '#x', 'b!c']],
    ['a\\b c\\', ['a\\b', 'c\\']],
    ['a"b c"d', ['a', 'b c', 'd']],
    ['a "#!{}\\" ""', ['a', '#!{}\\', '']],
    ["router_id 'a b'", ['router_id', "'a", "b'"]],
    ['vrrp_instance V{', ['vrrp_instance', 'V', '{']],
    ['10.9.9.9/32}', ['10.9.9.9/32', '}']],
    ['naïve 😀', ['naïve', '😀']],
  ];
  // A raw U+2028 in a test's name would break the line of the report.
  for (const [line, words] of table) t.strictSame(texts(line), words, encodeURI(line));
  t.end();
});

t.test('a word knows its column and whether it was quoted', (t) => {
  const [piece] = pieces(' a "b" {');
  t.match(piece, {
    words: [
      { text: 'a', isQuoted: false, position: { file: 'f', line: 3, column: 2 } },
      { text: 'b', isQuoted: true, position: { file: 'f', line: 3, column: 4 } },
    ],
    brace: '{',
    end: { file: 'f', line: 3, column: 8 },
  });
  t.end();
});

t.test('text that a definition made stands where the definition was used', (t) => {
  const [piece] = scan({ file: 'f', line: 9, text: 'priority 5', column: 4 }, () => {});
  t.same(
    piece?.words.map(({ position }) => position),
    [
      { file: 'f', line: 9, column: 4 },
      { file: 'f', line: 9, column: 4 },
    ],
  );
  t.end();
});

t.test('what stands behind the keyword is kept as it was written', (t) => {
  t.same(
    pieces(`script "a \\x41" 'b' c { d "e" } f # g`).map(({ rest }) => rest),
    [` "a \\x41" 'b' c `, ' "e" ', ' '],
  );
  t.end();
});

t.test('a quote that is left open is named with its place', (t) => {
  t.same(complaints('a "b'), ['3:3: the quote is not closed on this line; add a "']);
  t.same(complaints('a "b" c'), []);
  t.end();
});
