import t from 'tap';
import { tokenize } from '../../grammar/tokens.js';

/** The words of one line; braces as they are, the closing newline left out. */
function texts(line: string): string[] {
  return tokenize(line, { file: 'f', line: 1 }, () => {})
    .filter(({ type }) => type !== 'newline')
    .map(({ text }) => text);
}

function complaints(line: string): string[] {
  const found: string[] = [];
  tokenize(line, { file: 'f', line: 3 }, ({ position, message }) =>
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

t.test('a token knows its column and whether it was quoted', (t) => {
  const tokens = tokenize(' a "b" {', { file: 'f', line: 7 }, () => {});
  t.same(
    tokens.map(({ type, isQuoted, position }) => [type, isQuoted, position.line, position.column]),
    [
      ['word', false, 7, 2],
      ['word', true, 7, 4],
      ['lbrace', false, 7, 8],
      ['newline', false, 7, 9],
    ],
  );
  t.end();
});

t.test('what has no meaning is named with its place', (t) => {
  t.same(complaints('a "b'), ['3:3: the quote is not closed on this line; add a "']);
  t.match(complaints('a\u00a0b'), [/^3:2: character U\+00A0 has no meaning here/]);
  t.match(complaints('\u2028'), [/^3:1: character U\+2028 has no meaning here/]);
  t.same(complaints('"\u00a0\u2028"'), [], 'in quotes everything is a letter');
  t.end();
});
