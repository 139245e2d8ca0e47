import t from 'tap';
import { addedHistograms, LatencyHistogram } from '../../src/health/latency-histogram.js';

t.test('each bucket counts what is below it, and all of them', (t) => {
  const histogram = new LatencyHistogram();
  for (const latencyMs of [0.2, 1, 3, 70, 99, 7000]) histogram.add(latencyMs);
  const { summary } = histogram;
  t.same(summary.cumulative, [2, 2, 3, 3, 3, 3, 5, 5, 5, 5, 5, 5]);
  t.equal(summary.count, 6);
  t.ok(Math.abs(summary.sumMs - 7173.2) < 0.001);
  t.same(addedHistograms(summary, summary).cumulative[2], 6);
  t.equal(addedHistograms(summary, summary).count, 12);
  t.end();
});
