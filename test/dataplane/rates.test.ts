import fc from 'fast-check';
import t from 'tap';
import {
  type Estimates,
  firstEstimates,
  nextEstimates,
  noRate,
  Rates,
  ratesById,
  rowLength,
  type Sample,
} from '../../src/dataplane/rates.js';

type Row = readonly [id: number, connections: number, inPackets: number];

function sample(atMs: number, ...rows: readonly Row[]): Sample {
  return { atMs, rows: Float64Array.from(rows.flatMap((row) => [...row, 0, 0, 0])) };
}

function rateOf(estimates: Estimates, id: number) {
  return ratesById(estimates).get(id);
}

t.test('a steady flow: a quarter of the way with every sample', (t) => {
  let estimates = firstEstimates(sample(0, [7, 1000, 0]));
  t.same(rateOf(estimates, 7), noRate, 'what was counted before the first sample is no rate');
  const found: (number | undefined)[] = [];
  for (let i = 1; i <= 40; i++) {
    estimates = nextEstimates(estimates, sample(i * 2000, [7, 1000 + i * 200, i * 2000]));
    found.push(rateOf(estimates, 7)?.connections);
  }
  t.same(found.slice(0, 4), [25, 44, 58, 68]);
  t.match(rateOf(estimates, 7), { connections: 100, inPackets: 1000, outPackets: 0 });
  t.end();
});

t.test('when it stops the rate goes down', (t) => {
  let estimates = firstEstimates(sample(0, [7, 0, 0]));
  estimates = nextEstimates(estimates, sample(2000, [7, 800, 0]));
  t.equal(rateOf(estimates, 7)?.connections, 100);
  estimates = nextEstimates(estimates, sample(4000, [7, 800, 0]));
  t.equal(rateOf(estimates, 7)?.connections, 75);
  t.end();
});

t.test('the time that has really passed counts', (t) => {
  const before = firstEstimates(sample(1000, [7, 0, 0]));
  t.equal(rateOf(nextEstimates(before, sample(5000, [7, 800, 0])), 7)?.connections, 50);
  t.equal(nextEstimates(before, sample(1000, [7, 800, 0])), before, 'none: nothing is known');
  t.end();
});

t.test('objects come, go, change their place, and begin again', (t) => {
  let estimates = firstEstimates(sample(0, [1, 0, 0], [2, 100, 0], [3, 0, 0]));
  estimates = nextEstimates(estimates, sample(2000, [2, 180, 0], [3, 0, 0], [4, 40, 0]));
  t.same([...ratesById(estimates).keys()], [2, 3, 4]);
  t.equal(rateOf(estimates, 2)?.connections, 10);
  t.equal(rateOf(estimates, 4)?.connections, 5, 'a new one has counted since it was made');
  estimates = nextEstimates(estimates, sample(4000, [2, 8, 0]));
  t.equal(rateOf(estimates, 2)?.connections, 1, 'an id that is used again has no past');
  t.end();
});

t.test('sample after sample', (t) => {
  const rates = new Rates();
  t.equal(rates.byId().size, 0);
  rates.take(0, sample(0, [7, 0, 0]), 1);
  rates.take(0, sample(2000, [7, 80, 0]), 1);
  t.equal(rates.byId().get(7)?.connections, 10);
  t.end();
});

t.test('part after part', (t) => {
  const rates = new Rates();
  rates.take(0, sample(0, [7, 0, 0]), 2);
  rates.take(1, sample(1000, [8, 0, 0]), 2);
  rates.take(0, sample(2000, [7, 80, 0]), 2);
  rates.take(1, sample(3000, [8, 160, 0]), 2);
  t.same([rates.byId().get(7)?.connections, rates.byId().get(8)?.connections], [10, 20]);
  rates.take(0, sample(4000, [8, 0, 0]), 2);
  t.equal(rates.byId().get(8)?.connections, 0, 'an id that is in another part has no past there');
  rates.take(0, sample(6000, [8, 0, 0]), 1);
  t.equal(rates.byId().size, 1, 'parts that are no more are forgotten');
  t.end();
});

t.test('property: rates are between the slowest and the fastest interval', (t) => {
  const growths = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1 });
  fc.assert(
    fc.property(growths, (steps) => {
      let count = 0;
      let estimates = firstEstimates(sample(0, [1, 0, 0]));
      for (const [index, step] of steps.entries()) {
        count += step;
        estimates = nextEstimates(estimates, sample((index + 1) * 1000, [1, count, 0]));
      }
      const rate = estimates.rates[0] ?? Number.NaN;
      return estimates.rows.length === rowLength && rate >= 0 && rate <= Math.max(...steps);
    }),
  );
  t.end();
});
