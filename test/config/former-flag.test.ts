import t from 'tap';
import { formerFlag } from '../../src/config/former-flag.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('on without a word, and by word', (t) => {
  t.equal(valueAs(formerFlag, ''), true);
  t.equal(valueAs(formerFlag, 'Yes'), true);
  t.equal(readAs(formerFlag, 'true').written, 'on');
  t.end();
});

t.test('where versions part, a notice says so', (t) => {
  t.same(readAs(formerFlag, 'no'), {
    value: false,
    written: 'off',
    complaints: ['5: notice: key is off here; keepalived 2.2 turns it on whatever follows'],
  });
  t.same(readAs(formerFlag, 'maybe'), {
    value: true,
    written: 'on',
    complaints: ['5: notice: "maybe" after key is neither on nor off; it counts as on'],
  });
  t.end();
});
