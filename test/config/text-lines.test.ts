import t from 'tap';
import { textLines } from '../../src/config/text-lines.js';

t.test('lines end with LF, CRLF, or CR alone', (t) => {
  const cases: readonly [string, string[]][] = [
    ['', []],
    ['a', ['a']],
    ['a\nb\n', ['a', 'b']],
    ['a\r\n\r\nb', ['a', '', 'b']],
    ['a\rb\r', ['a', 'b']],
    ['a\rb\nc\r\n', ['a\rb', 'c']],
    ['\n\n', ['', '']],
  ];
  for (const [text, lines] of cases) t.same(textLines(text), lines, JSON.stringify(text));
  t.end();
});
