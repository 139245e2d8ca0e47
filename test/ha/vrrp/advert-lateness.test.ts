import t from 'tap';
import {
  AdvertLatenessCount,
  lateBoundMs,
  noAdverts,
} from '../../../src/ha/vrrp/advert-lateness.js';

t.test('a fifth of the interval is too late, but never less than 3 ms', (t) => {
  t.equal(lateBoundMs(1000), 200);
  t.equal(lateBoundMs(10), 3);
  const count = new AdvertLatenessCount();
  t.strictSame(count.summary(), noAdverts);
  t.notOk(count.left(200, 1000));
  t.ok(count.left(201, 1000));
  t.notOk(count.left(1, 10));
  t.strictSame(count.summary(), { adverts: 3, worstMs: 201, meanMs: 134, late: 1 });
  t.end();
});
