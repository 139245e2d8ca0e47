import t from 'tap';
import { conditionEnd } from '../../src/config/conditional-lines.js';
import { loaded } from './loaded.js';

t.test('where the rest of a line begins', (t) => {
  t.equal(conditionEnd('a @main b', 'main'), 0);
  t.equal(conditionEnd('@main  b', 'main'), 7);
  t.equal(conditionEnd('@^other b', 'main'), 8);
  t.equal(conditionEnd('@other b', 'main'), null);
  t.equal(conditionEnd('@main', 'main'), null);
  t.end();
});

t.test('a line is used if its marker is met', (t) => {
  const cases: Record<string, string[]> = {
    '@main a': ['      a'],
    '  @main\ta # c': ['        a # c'],
    '@other a': [],
    '@^main a': [],
    '@^other a': ['        a'],
    '@main': [],
    '@^other': [],
    '@ a': [],
    '@^ a': ['   a'],
    '@mainx a': [],
    '@main @main b': ['      @main b'],
    '@other bogus ${UNDEFINED} "': [],
    'a @main b': ['a @main b'],
    'peers { @main 1.2.3.4': ['peers {', '              1.2.3.4'],
    'peers { @other 1.2.3.4': ['peers {'],
    'a "{ @main b"': ['a "{ @main b"'],
  };
  for (const [text, texts] of Object.entries(cases)) {
    t.match(loaded(text), { texts, complaints: [] }, text);
    t.ok(loaded(text).lines.every(({ column }) => column === null));
  }
  t.end();
});

t.test('markers and definitions combine in either order', (t) => {
  const cases: Record<string, string[]> = {
    '@main $P=240\n@other $P=200\npriority $P': ['priority 240'],
    '$IF=@main\n$IF priority 240': ['priority 240'],
    '$IF=@other\n$IF priority 240': [],
    '@main ~SEQ(i,2) a${i}': ['a1', 'a2'],
    '~SEQ(i,2) @main a${i}': ['a1', 'a2'],
    '~SEQ(i,2) @other a${i}': [],
    '$M=a \\\n@other b \\\n@main c\n$M': ['a', 'c'],
    '@other $M=a \\\nb \\\nc\nd': ['d'],
    '@main $M=a \\\nb\n$M': ['a', 'b'],
  };
  for (const [text, texts] of Object.entries(cases)) {
    t.match(loaded(text), { texts, complaints: [] }, text);
  }
  t.same(loaded('@other a', { configId: 'other' }).texts, ['       a']);
  t.end();
});
