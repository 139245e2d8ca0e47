import t from 'tap';
import { integer, optional, word } from '../../src/config/phrases.js';
import { exactly, needed } from '../../src/config/word-count.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('a missing argument can be an error that ends nothing', (t) => {
  t.equal(valueAs(needed(word('NAME')), 'a'), 'a');
  t.same(readAs(needed(integer(1, 9)), ''), {
    value: undefined,
    written: null,
    complaints: ['1: error: key is missing its argument: 1-9'],
  });
  t.same(readAs(needed(word('NAME')), 'a b').complaints, [
    '7: notice: "b" after key has no meaning and is ignored',
  ]);
  t.end();
});

t.test('a word too many can be an error', (t) => {
  const phrase = exactly(optional(word('NAME'), null));
  t.equal(valueAs(phrase, ''), null);
  t.equal(valueAs(phrase, 'a'), 'a');
  t.same(readAs(phrase, 'a b c'), {
    value: undefined,
    written: null,
    complaints: ['7: error: "b" is one word too many: key [NAME]'],
  });
  t.end();
});
