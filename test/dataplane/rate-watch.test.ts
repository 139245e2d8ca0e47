import t from 'tap';
import { RateWatch } from '../../src/dataplane/rate-watch.js';
import { SimulatedClock } from '../sim/clock.js';

t.test('a sample whenever its turn is, until it is stopped', (t) => {
  const clock = new SimulatedClock();
  const startMs = clock.nowMs();
  const sampled: number[] = [];
  const watch = new RateWatch(clock, (nowMs) => {
    sampled.push(nowMs - startMs);
    return sampled.length < 3 ? 500 : 2000;
  });
  clock.advance(7000);
  t.same(sampled, [2000, 2500, 3000, 5000, 7000]);
  watch.stop();
  clock.advance(7000);
  t.equal(sampled.length, 5);
  t.end();
});
