import t from 'tap';
import { garpExtra } from '../../src/config/garp-extra.js';
import { readAs, valueAs } from './phrase-text.js';

const phrase = garpExtra(1);

t.test('a time, on all interfaces or not', (t) => {
  t.same(valueAs(phrase, '5'), { intervalMs: 5000, isOnAll: false });
  t.same(valueAs(phrase, 'all 86400'), { intervalMs: 86_400_000, isOnAll: true });
  t.equal(readAs(phrase, '5 all').written, 'all 5');
  t.equal(readAs(phrase, '5 7').written, '7');
  t.same(valueAs(garpExtra(0), '0'), { intervalMs: 0, isOnAll: false });
  t.end();
});

t.test('without a time there is nothing to do', (t) => {
  for (const words of ['', 'all']) {
    t.same(readAs(phrase, words).complaints, ['1: error: key needs whole seconds, 1-86400']);
  }
  t.match(readAs(phrase, '0 all').complaints, [/^5: error: "0" is not what key takes/]);
  t.match(readAs(phrase, 'ALL 5').complaints, [/^5: error: "ALL" is not what key takes/]);
  t.end();
});
