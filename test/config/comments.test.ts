import t from 'tap';
import { codeEnd, withEscapes, withoutEscapes } from '../../src/config/comments.js';

t.test('where the code of a line ends', (t) => {
  const cases: Record<string, string> = {
    'a # b': 'a',
    'a!b': 'a',
    '5#z': '5',
    '"a # b" # c': '"a # b"',
    'a \\# b # c': 'a \\# b',
    'a \\\\# b': 'a \\\\',
    '"a \\" # b': '"a \\" # b',
    'a " # b': 'a " # b',
    "'a # b'": "'a",
    'a \t': 'a',
    '# a': '',
    '': '',
  };
  for (const [text, code] of Object.entries(cases)) t.equal(text.slice(0, codeEnd(text)), code);
  t.end();
});

t.test('escapes go and come back', (t) => {
  const cases: Record<string, string> = {
    'a \\# \\!': 'a # !',
    '"a # \\#" \\#': '"a # \\#" #',
    'a \\\\\\#': 'a \\\\#',
    'a \\n': 'a \\n',
  };
  for (const [escaped, plain] of Object.entries(cases)) {
    t.equal(withoutEscapes(escaped), plain);
    t.equal(withEscapes(plain), escaped);
  }
  t.end();
});
