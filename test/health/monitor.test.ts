import t from 'tap';
import type { TcpCheck } from '../../src/config/checker.js';
import { unchecked } from '../../src/health/judge.js';
import { Monitor } from '../../src/health/monitor.js';
import { TcpProbe } from '../../src/health/probes/tcp.js';
import { RecordedLog } from '../dataplane/examples.js';
import { SimulatedClock } from '../sim/clock.js';
import { HeldStreams, tcpCheck } from './examples.js';

function monitored(parts: Partial<TcpCheck> = {}, random = 0) {
  const clock = new SimulatedClock();
  const streams = new HeldStreams();
  const log = new RecordedLog();
  const verdicts: boolean[] = [];
  const check = tcpCheck(parts);
  const world = { clock, log, random: () => random };
  const probe = new TcpProbe(check, streams);
  const monitor = new Monitor(world, check, probe, unchecked, (isUp) => verdicts.push(isUp));
  return { clock, streams, log, verdicts, monitor };
}

t.test('the first probe comes after 1 s and a random part of the warm-up', async (t) => {
  const { clock, streams } = monitored({ warmupMs: 10_000 }, 0.5);
  clock.advance(5999);
  t.equal(streams.attempts.length, 0);
  clock.advance(1);
  t.equal(streams.attempts.length, 1);
});

t.test('one probe at a time; the interval runs from the end of the last', async (t) => {
  const { clock, streams, verdicts } = monitored();
  clock.advance(100_000);
  t.equal(streams.attempts.length, 1, 'the second waits for the first');
  await streams.settle('connected');
  clock.advance(9999);
  t.equal(streams.underWay, 0);
  clock.advance(1);
  t.equal(streams.underWay, 1);
  await streams.settle('connected');
  t.same(verdicts, [true], 'only what is new');
});

t.test('down after the retries, up at once, in words', async (t) => {
  const { clock, streams, verdicts, log } = monitored();
  clock.advance(1000);
  await streams.settle('connected');
  clock.advance(10_000);
  await streams.settle('refused');
  t.same(verdicts, [true], 'a failure is retried');
  clock.advance(1000);
  await streams.settle('timed_out');
  t.same(verdicts, [true, false]);
  clock.advance(10_000);
  await streams.settle('connected');
  t.same(verdicts, [true, false, true]);
  t.same(log.lines, [
    'info: TCP connection to [192.0.2.5]:tcp:80 success.',
    'info: TCP connection to [192.0.2.5]:tcp:80 timeout after 1 retries.',
    'info: TCP connection to [192.0.2.5]:tcp:80 success.',
  ]);
});

t.test('the very first failure is final', async (t) => {
  const { clock, streams, verdicts, log } = monitored({ retry: 5 });
  clock.advance(1000);
  await streams.settle('refused');
  t.same(verdicts, [false]);
  t.same(log.lines, ['info: TCP connection to [192.0.2.5]:tcp:80 failed.']);
});

t.test('once stopped it neither probes nor reports', async (t) => {
  const waiting = monitored();
  waiting.monitor.stop();
  waiting.clock.advance(100_000);
  t.equal(waiting.streams.attempts.length, 0);
  const probing = monitored();
  probing.clock.advance(1000);
  probing.monitor.stop();
  await probing.streams.settle('refused');
  probing.clock.advance(100_000);
  t.same(probing.verdicts, []);
  t.equal(probing.streams.attempts.length, 1);
});
