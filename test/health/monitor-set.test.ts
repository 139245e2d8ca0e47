import t from 'tap';
import { MonitorSet } from '../../src/health/monitor-set.js';
import { ipAddress } from '../../src/net/address.js';
import { RecordedLog } from '../dataplane/examples.js';
import { SimulatedClock } from '../sim/clock.js';
import { HeldStreams, target } from './examples.js';

function created() {
  const clock = new SimulatedClock();
  const streams = new HeldStreams();
  const verdicts: [string, boolean][] = [];
  const monitors = new MonitorSet({
    clock,
    streams,
    random: () => 0,
    log: new RecordedLog(),
    verdict: (id, isUp) => verdicts.push([id, isUp]),
  });
  return { clock, streams, verdicts, monitors };
}

t.test('every target is probed, each verdict under its own id', async (t) => {
  const { clock, streams, verdicts, monitors } = created();
  monitors.update([
    target('a'),
    target('b', { target: { address: ipAddress('192.0.2.6'), port: 81 } }),
  ]);
  clock.advance(1000);
  t.same(
    streams.attempts.map((one) => one.target.port),
    [80, 81],
  );
  await streams.settle('refused');
  t.same(verdicts, [['b', false]]);
});

t.test('a reload leaves an unchanged target alone', async (t) => {
  const { clock, streams, verdicts, monitors } = created();
  monitors.update([target('a')]);
  clock.advance(1000);
  await streams.settle('connected');
  clock.advance(9000);
  monitors.update([target('a'), target('b')]);
  clock.advance(1000);
  t.equal(streams.attempts.length, 3, 'a at its own time, b for the first time');
  t.same(verdicts, [['a', true]]);
});

t.test('a changed checker starts again, but what was down stays down', async (t) => {
  const { clock, streams, verdicts, monitors } = created();
  monitors.update([target('a')]);
  clock.advance(1000);
  await streams.settle('refused');
  monitors.update([target('a', { delayLoopMs: 5000 })]);
  clock.advance(1000);
  await streams.settle('refused');
  t.same(verdicts, [['a', false]], 'nothing new');
  clock.advance(5000);
  await streams.settle('connected');
  t.same(verdicts, [
    ['a', false],
    ['a', true],
  ]);
});

t.test('a changed checker of a server that is up gets its retries', async (t) => {
  const { clock, streams, verdicts, monitors } = created();
  monitors.update([target('a')]);
  clock.advance(1000);
  await streams.settle('connected');
  clock.advance(10_000);
  await streams.settle('refused');
  monitors.update([target('a', { delayLoopMs: 5000 })]);
  clock.advance(1000);
  await streams.settle('refused');
  t.same(verdicts, [['a', true]]);
  clock.advance(1000);
  await streams.settle('refused');
  t.same(verdicts.at(-1), ['a', false]);
});

t.test('a removed target is forgotten', async (t) => {
  const { clock, streams, verdicts, monitors } = created();
  monitors.update([target('a')]);
  clock.advance(1000);
  monitors.update([]);
  await streams.settle('refused');
  clock.advance(100_000);
  t.equal(streams.attempts.length, 1);
  t.same(verdicts, []);
  monitors.update([target('a')]);
  clock.advance(1000);
  t.equal(streams.attempts.length, 2, 'and comes back as new');
});

t.test('stop ends everything', async (t) => {
  const { clock, streams, monitors } = created();
  monitors.update([target('a'), target('b')]);
  monitors.stop();
  clock.advance(100_000);
  t.equal(streams.attempts.length, 0);
});
