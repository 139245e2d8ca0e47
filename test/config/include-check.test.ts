import t from 'tap';
import { includeCheck } from '../../src/config/include-check.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('levels replace, add and remove', (t) => {
  t.same(valueAs(includeCheck, ''), []);
  t.same(valueAs(includeCheck, 'read +match -brace_match'), ['read', '+match', '-brace_match']);
  t.equal(readAs(includeCheck, '-wildcard_match').written, '-wildcard_match');
  t.end();
});

t.test('only the first can replace', (t) => {
  t.same(readAs(includeCheck, 'read match').complaints, [
    '5: error: only the first level may replace the others; write +match or -match',
  ]);
  t.match(readAs(includeCheck, '+ read').complaints, [/^5: error: "\+" is not what key takes/]);
  t.match(readAs(includeCheck, 'READ').complaints, [/^5: error: "READ" is not what key takes/]);
  t.end();
});
