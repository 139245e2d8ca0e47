import t from 'tap';
import { receiveBuffers } from '../../src/config/receive-buffers.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('a policy in any case, or bytes', (t) => {
  t.equal(valueAs(receiveBuffers, 'mtu'), 'MTU');
  t.equal(valueAs(receiveBuffers, 'Advert'), 'ADVERT');
  t.equal(valueAs(receiveBuffers, '65536'), 65_536);
  t.equal(valueAs(receiveBuffers, 'MTU MTU'), 'MTU');
  t.equal(readAs(receiveBuffers, 'mtu').written, 'MTU');
  t.end();
});

t.test('of two one counts', (t) => {
  for (const [words, value] of [
    ['MTU ADVERT', 'MTU'],
    ['ADVERT MTU', 'MTU'],
    ['9 MTU', 9],
    ['ADVERT 9', 9],
  ] as const) {
    const { value: counting, complaints } = readAs(receiveBuffers, words);
    t.equal(counting, value, words);
    t.match(complaints, [new RegExp(`warning: key takes one of .*; ${value} is used$`)], words);
  }
  t.match(readAs(receiveBuffers, 'MTU huge').complaints, [
    /^9: error: "huge" is not what key takes/,
  ]);
  t.match(readAs(receiveBuffers, '').complaints, [/^1: error: key is missing its argument/]);
  t.end();
});
