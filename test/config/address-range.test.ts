import t from 'tap';
import { addressRange, expandRange } from '../../src/config/address-range.js';

t.test('ranges differ in their last part', (t) => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['10.1.0.201-203', ['10.1.0.201', '10.1.0.202', '10.1.0.203']],
    ['10.1.0.7', ['10.1.0.7']],
    ['10.1.0.255-255', ['10.1.0.255']],
    ['2001:db8::fe-101', ['2001:db8::fe', '2001:db8::ff', '2001:db8::100', '2001:db8::101']],
  ];
  for (const [text, addresses] of table) {
    const range = addressRange.parse(text);
    t.same(range === undefined ? null : expandRange(range), addresses, text);
  }
  for (const text of ['10.0.0.9-3', '10.0.0.1-256', '10.0.0.1-', '10.0.0.1-2-3', '-5', '::1-g']) {
    t.equal(addressRange.parse(text), undefined, text);
  }
  t.end();
});

t.test('a range is written as it is read', (t) => {
  for (const text of ['10.1.0.201-203', '10.1.0.7', '2001:db8::fe-101']) {
    const range = addressRange.parse(text);
    t.same(range === undefined ? null : addressRange.write(range), [text]);
  }
  t.end();
});
