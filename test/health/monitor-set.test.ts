import t from 'tap';
import { MonitorSet } from '../../src/health/monitor-set.js';
import { ipAddress } from '../../src/net/address.js';
import { RecordedLog } from '../dataplane/examples.js';
import { SimulatedClock } from '../sim/clock.js';
import { HeldFlows, probeWorld, target } from './examples.js';

function created() {
  const clock = new SimulatedClock();
  const flows = new HeldFlows();
  const verdicts: [string, boolean][] = [];
  const monitors = new MonitorSet({
    ...probeWorld(flows, clock),
    log: new RecordedLog(),
    underWayMax: 100,
    verdict: (id, { isUp }) => verdicts.push([id, isUp]),
  });
  return { clock, flows, verdicts, monitors };
}

t.test('every target is probed, each verdict under its own id', async (t) => {
  const { clock, flows, verdicts, monitors } = created();
  monitors.update([
    target('a'),
    target('b', { target: { address: ipAddress('192.0.2.6'), port: 81 } }),
  ]);
  clock.advance(1000);
  t.same(
    flows.attempts.map((one) => one.settings.target.port),
    [80, 81],
  );
  await flows.settle('refused');
  t.same(verdicts, [['b', false]]);
});

t.test('a reload leaves an unchanged target alone', async (t) => {
  const { clock, flows, verdicts, monitors } = created();
  monitors.update([target('a')]);
  clock.advance(1000);
  await flows.settle('opened');
  clock.advance(9000);
  monitors.update([target('a'), target('b', { mark: 1 })]);
  clock.advance(1000);
  t.equal(flows.attempts.length, 3, 'a at its own time, b for the first time');
  t.same(verdicts, [['a', true]]);
});

t.test('a changed checker starts again, but what was down stays down', async (t) => {
  const { clock, flows, verdicts, monitors } = created();
  monitors.update([target('a')]);
  clock.advance(1000);
  await flows.settle('refused');
  monitors.update([target('a', { delayLoopMs: 5000 })]);
  clock.advance(1000);
  await flows.settle('refused');
  t.same(verdicts, [['a', false]], 'nothing new');
  clock.advance(5000);
  await flows.settle('opened');
  t.same(verdicts, [
    ['a', false],
    ['a', true],
  ]);
});

t.test('a changed checker of a server that is up gets its retries', async (t) => {
  const { clock, flows, verdicts, monitors } = created();
  monitors.update([target('a')]);
  clock.advance(1000);
  await flows.settle('opened');
  clock.advance(10_000);
  await flows.settle('refused');
  monitors.update([target('a', { delayLoopMs: 5000 })]);
  clock.advance(1000);
  await flows.settle('refused');
  t.same(verdicts, [['a', true]]);
  clock.advance(1000);
  await flows.settle('refused');
  t.same(verdicts.at(-1), ['a', false]);
});

t.test('a removed target is forgotten', async (t) => {
  const { clock, flows, verdicts, monitors } = created();
  monitors.update([target('a')]);
  clock.advance(1000);
  monitors.update([]);
  await flows.settle('refused');
  clock.advance(100_000);
  t.equal(flows.attempts.length, 1);
  t.same(verdicts, []);
  monitors.update([target('a')]);
  clock.advance(1000);
  t.equal(flows.attempts.length, 2, 'and comes back as new');
});

t.test('stop ends everything', async (t) => {
  const { clock, flows, monitors } = created();
  monitors.update([target('a'), target('b')]);
  monitors.stop();
  clock.advance(100_000);
  t.equal(flows.attempts.length, 0);
});

t.test('equal checkers are one probe, whichever server they belong to', async (t) => {
  const { clock, flows, verdicts, monitors } = created();
  monitors.update([target('a'), target('b')]);
  clock.advance(1000);
  t.equal(flows.attempts.length, 1);
  await flows.settle('refused');
  t.same(verdicts, [
    ['a', false],
    ['b', false],
  ]);
  monitors.update([target('b'), target('c')]);
  t.same(verdicts.at(-1), ['c', false], 'a reload tells what is known');
  monitors.update([target('c')]);
  clock.advance(10_000);
  await flows.settle('opened');
  t.same(verdicts.at(-1), ['c', true]);
});

t.test('what moved in the file keeps its retries and its time', async (t) => {
  const { clock, flows, verdicts, monitors } = created();
  monitors.update([target('web TCP_CHECK 0')]);
  clock.advance(1000);
  await flows.settle('opened');
  clock.advance(10_000);
  await flows.settle('refused');
  monitors.update([target('web TCP_CHECK 0', { connectTimeoutMs: 1 }), target('web TCP_CHECK 1')]);
  clock.advance(999);
  t.equal(flows.underWay, 0);
  clock.advance(1);
  for (const { settle } of flows.attempts.slice(2)) settle({ type: 'refused' });
  await new Promise<void>((resolve) => setImmediate(resolve));
  t.same(verdicts, [
    ['web TCP_CHECK 0', true],
    ['web TCP_CHECK 1', true],
    ['web TCP_CHECK 1', false],
  ]);
});

t.test('a server that a reload brings has its retries at once', async (t) => {
  const { clock, flows, verdicts, monitors } = created();
  monitors.update([]);
  monitors.update([target('a')]);
  clock.advance(1000);
  await flows.settle('refused');
  t.same(verdicts, []);
  clock.advance(1000);
  await flows.settle('refused');
  t.same(verdicts, [['a', false]]);
});

t.test('a report has what every target did last and does next', async (t) => {
  const { clock, flows, monitors } = created();
  monitors.update([target('a'), target('b'), target('c', { mark: 1 })]);
  clock.advance(1000);
  t.match(monitors.report(), {
    checks: [
      { targetId: 'a', phase: 'unknown', last: null, nextMs: null },
      { targetId: 'b', nextMs: null },
      { targetId: 'c', nextMs: null },
    ],
    gate: { started: 2, underWay: 2 },
  });
  clock.advance(7);
  await flows.settle('refused');
  monitors.update([target('a'), target('b'), target('c', { mark: 1, retry: 3 })]);
  clock.advance(1020);
  await flows.settle('opened');
  const { checks, gate, latencies } = monitors.report();
  t.match(checks, [
    { targetId: 'a', phase: 'unknown', last: null, nextMs: null },
    { targetId: 'b', phase: 'unknown' },
    { phase: 'up', last: { atMs: 2027, latencyMs: 7, failure: null }, nextMs: 12_014 },
  ]);
  t.match(gate, { started: 3, underWay: 1, late: 0 });
  t.match(latencies, { count: 2, sumMs: 14 });
});
