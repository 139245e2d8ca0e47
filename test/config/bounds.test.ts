import t from 'tap';
import { clamped, wholeSeconds } from '../../src/config/bounds.js';
import { integer, seconds } from '../../src/config/phrases.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('whole seconds are milliseconds', (t) => {
  const phrase = wholeSeconds(0, 4294);
  t.equal(valueAs(phrase, '0'), 0);
  t.equal(valueAs(phrase, '4294'), 4_294_000);
  t.equal(readAs(phrase, '007').written, '7');
  for (const words of ['1.5', '4295', '-1', 'x']) {
    t.same(readAs(phrase, words).complaints, [
      `5: error: "${words}" is not what key takes: whole seconds, 0-4294`,
    ]);
  }
  t.end();
});

t.test('a number out of range is pulled into it', (t) => {
  const priority = clamped(integer(-500, 500), 1, 99);
  t.equal(valueAs(priority, '99'), 99);
  t.same(readAs(priority, '100'), {
    value: 99,
    written: '99',
    complaints: ['5: warning: 100 is out of range for key; 99 is used'],
  });
  t.same(readAs(priority, '-5').complaints, ['5: warning: -5 is out of range for key; 1 is used']);
  t.equal(readAs(priority, '501').value, undefined);
  t.same(readAs(clamped(wholeSeconds(0, 9), 1000), '0').complaints, [
    '5: warning: 0 is out of range for key; 1 is used',
  ]);
  t.end();
});

t.test('seconds have six decimals', (t) => {
  t.equal(valueAs(seconds(0, 9), '1.000001'), 1000.001);
  t.equal(valueAs(seconds(0, 9), '+.5'), 500);
  t.same(readAs(seconds(0, 9), '1.0000015'), {
    value: 1000.002,
    written: '1.000002',
    complaints: ['5: warning: 1.0000015 is rounded to microseconds, six decimals'],
  });
  t.end();
});
