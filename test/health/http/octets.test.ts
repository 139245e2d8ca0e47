import fc from 'fast-check';
import t from 'tap';
import { Octets } from '../../../src/health/http/octets.js';

t.test('pieces of any size stay in order, up to the bound', (t) => {
  const piece = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.array(piece), fc.integer({ min: 1, max: 200 }), (list, max) => {
      const octets = new Octets(max);
      for (const one of list) octets.add(one);
      const whole = Buffer.concat(list).subarray(0, max);
      return whole.equals(octets.bytes) && octets.isFull === (whole.length === max);
    }),
  );
  t.end();
});

t.test('what was added is not written to', (t) => {
  const first = new Uint8Array([1, 2, 3, 4]);
  const octets = new Octets(100);
  octets.add(first.subarray(0, 2));
  octets.add(new Uint8Array([9]));
  t.same([...first], [1, 2, 3, 4]);
  t.same([...octets.bytes], [1, 2, 9]);
  t.end();
});
