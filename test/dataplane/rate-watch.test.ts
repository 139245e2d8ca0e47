import t from 'tap';
import { RateWatch } from '../../src/dataplane/rate-watch.js';
import { SimulatedClock } from '../sim/clock.js';

t.test('a sample every two seconds, until it is stopped', (t) => {
  const clock = new SimulatedClock();
  const startMs = clock.nowMs();
  const sampled: number[] = [];
  const watch = new RateWatch(clock, (nowMs) => sampled.push(nowMs - startMs));
  clock.advance(7000);
  t.same(sampled, [2000, 4000, 6000]);
  watch.stop();
  clock.advance(7000);
  t.equal(sampled.length, 3);
  t.end();
});
