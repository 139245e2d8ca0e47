import fc from 'fast-check';
import t from 'tap';
import { fileValue } from '../../../src/ha/tracking/file-value.js';

t.test('the number at the beginning counts, anything else is 0', (t) => {
  const rows: readonly (readonly [string | null, number])[] = [
    [null, 0],
    ['', 0],
    ['7\n', 7],
    ['  12 34\n', 12],
    ['-3', -3],
    ['+4', 4],
    ['abc', 0],
    ['9abc', 9],
    ['-0', 0],
    ['99999999999999999999', 2_147_483_647],
    ['-99999999999999999999', -2_147_483_648],
  ];
  for (const [text, value] of rows) t.equal(fileValue(text), value, String(text));
  t.end();
});

t.test('any text is a number within 32 bits', (t) => {
  fc.assert(fc.property(fc.string(), (text) => (fileValue(text) | 0) === fileValue(text)));
  t.pass('held');
  t.end();
});
