import t from 'tap';
import { cutText, text, textUpTo } from '../../src/config/text.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('text may be empty, and is quoted where it must be', (t) => {
  t.equal(valueAs(text('STRING'), '""'), '');
  t.equal(readAs(text('STRING'), '""').written, '""');
  t.equal(readAs(text('STRING'), '"a b"').written, '"a b"');
  t.match(readAs(text('STRING'), '').complaints, [
    /^1: fatal: key is missing its argument: STRING/,
  ]);
  t.end();
});

t.test('octets are counted, and no character is cut in two', (t) => {
  t.equal(valueAs(textUpTo('NAME', 4), 'äö'), 'äö');
  t.match(readAs(textUpTo('NAME', 4), 'äöx').complaints, [/NAME, 4 characters at most$/]);
  t.equal(valueAs(cutText('NAME', 4), 'abcd'), 'abcd');
  for (const [written, kept] of [
    ['abcde', 'abcd'],
    ['aäöx', 'aä'],
    ['ab€x', 'ab'],
    ['x😀', 'x'],
  ] as const) {
    t.same(readAs(cutText('NAME', 4), written), {
      value: kept,
      written: kept,
      complaints: ['5: warning: key is cut to its first 4 characters'],
    });
  }
  t.end();
});
