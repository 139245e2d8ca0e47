import t from 'tap';
import { builtIn, builtInNames } from '../../src/config/built-in-definitions.js';

const surroundings = {
  file: '/etc/keepalived/k.conf',
  configId: 'main',
  random: () => 0.999,
  environment: (name: string) => (name === 'SITE' ? 'north' : undefined),
};

function text(name: string, words: readonly string[] = [], file = surroundings.file) {
  return builtIn(name, words, { ...surroundings, file })?._unsafeUnwrap().text;
}

t.test('each has its text', (t) => {
  t.equal(text('_PWD'), '/etc/keepalived');
  t.equal(text('_PWD', [], '/k.conf'), '/');
  t.equal(text('_PWD', [], 'k.conf'), '.');
  t.equal(text('_INSTANCE'), 'main');
  t.equal(text('_RANDOM'), '32735');
  t.equal(text('_RANDOM', ['1', '6']), '6', 'the upper bound is included');
  t.equal(text('_ENV', ['SITE']), 'north');
  t.equal(text('_ENV', ['GONE']), '');
  t.equal(text('_HASH'), '#');
  t.equal(text('_BANG'), '!');
  t.equal(builtInNames.length, 6);
  t.end();
});

t.test('what is none, and what is wrong', (t) => {
  t.equal(builtIn('_NONE', [], surroundings), null);
  t.equal(builtIn('toString', [], surroundings), null);
  t.equal(builtIn('_PWD', ['1'], surroundings), null);
  t.match(builtIn('_RANDOM', ['6', '1'], surroundings)?._unsafeUnwrapErr(), /exchange the two/);
  t.match(builtIn('_RANDOM', ['-1'], surroundings)?._unsafeUnwrapErr(), /takes numbers/);
  t.match(builtIn('_ENV', [], surroundings)?._unsafeUnwrapErr(), /write \$\{_ENV NAME\}/);
  t.end();
});
