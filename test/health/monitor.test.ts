import t from 'tap';
import type { TcpCheck } from '../../src/config/checkers/tcp.js';
import { AttemptGate } from '../../src/health/attempt-gate.js';
import { unchecked } from '../../src/health/judge.js';
import { LatencyHistogram } from '../../src/health/latency-histogram.js';
import { Monitor, type Verdict } from '../../src/health/monitor.js';
import { type Outcome, type Probe, succeeded } from '../../src/health/probe.js';
import { TcpProbe } from '../../src/health/probes/tcp.js';
import { RecordedLog } from '../dataplane/examples.js';
import { SimulatedClock } from '../sim/clock.js';
import { HeldFlows, tcpCheck } from './examples.js';

function monitored(parts: Partial<TcpCheck> = {}, random = 0) {
  const clock = new SimulatedClock();
  const flows = new HeldFlows();
  const log = new RecordedLog();
  const verdicts: boolean[] = [];
  const check = tcpCheck(parts);
  const gate = new AttemptGate(clock, log, 10);
  const latencies = new LatencyHistogram();
  const world = { clock, log, random: () => random, gate, latencies };
  const probe = new TcpProbe(check, { flows });
  const monitor = new Monitor(world, check, probe, unchecked(check, true), ({ isUp }) =>
    verdicts.push(isUp),
  );
  return { clock, flows, log, verdicts, monitor, world };
}

t.test('the first probe comes after 1 s and a random part of the warm-up', async (t) => {
  const { clock, flows } = monitored({ warmupMs: 10_000 }, 0.5);
  clock.advance(5999);
  t.equal(flows.attempts.length, 0);
  clock.advance(1);
  t.equal(flows.attempts.length, 1);
});

t.test('one probe at a time; the interval runs from the end of the last', async (t) => {
  const { clock, flows, verdicts } = monitored();
  clock.advance(100_000);
  t.equal(flows.attempts.length, 1, 'the second waits for the first');
  await flows.settle('opened');
  clock.advance(9999);
  t.equal(flows.underWay, 0);
  clock.advance(1);
  t.equal(flows.underWay, 1);
  await flows.settle('opened');
  t.same(verdicts, [true], 'only what is new');
});

t.test('down after the retries, up at once, in words', async (t) => {
  const { clock, flows, verdicts, log } = monitored();
  clock.advance(1000);
  await flows.settle('opened');
  clock.advance(10_000);
  await flows.settle('refused');
  t.same(verdicts, [true], 'a failure is retried');
  clock.advance(1000);
  await flows.settle('timed_out');
  t.same(verdicts, [true, false]);
  clock.advance(10_000);
  await flows.settle('opened');
  t.same(verdicts, [true, false, true]);
  t.same(log.lines, [
    'info: TCP connection to [192.0.2.5]:tcp:80 success.',
    'info: TCP connection to [192.0.2.5]:tcp:80 timeout after 1 retries.',
    'info: TCP connection to [192.0.2.5]:tcp:80 success.',
  ]);
});

t.test('a probe may have words of its own for a success', async (t) => {
  const { clock, log, world } = monitored();
  const probe: Probe = {
    name: 'the name',
    successLine: 'It works.',
    attempt: () => Promise.resolve(succeeded),
  };
  const check = tcpCheck();
  new Monitor(world, check, probe, unchecked(check, true), () => {});
  clock.advance(1000);
  await new Promise<void>((resolve) => setImmediate(resolve));
  t.same(log.lines, ['info: It works.']);
});

t.test('a verdict has the reason of the failure that made it, not of an earlier one', async (t) => {
  const { clock, log, world } = monitored();
  const failed = { type: 'failed', reason: 'failed' } as const;
  const outcomes: Outcome[] = [
    { ...failed, mailReason: 'first' },
    succeeded,
    { ...failed, mailReason: 'second' },
    failed,
    succeeded,
    failed,
    { ...failed, mailReason: 'third' },
  ];
  const probe: Probe = {
    name: 'the name',
    attempt: () => Promise.resolve(outcomes.shift() ?? succeeded),
  };
  const check = tcpCheck({ delayLoopMs: 1000 });
  const verdicts: Verdict[] = [];
  const known = unchecked(check, true);
  const monitor = new Monitor(world, check, probe, known, (verdict) => verdicts.push(verdict));
  const down = { isUp: false, weightChange: 0 };
  const up = { isUp: true, weightChange: 0 };
  for (const wanted of [[{ ...down, mailReason: 'first' }], [up], [], [down], [up], []]) {
    clock.advance(1000);
    await new Promise<void>((resolve) => setImmediate(resolve));
    t.same(verdicts.splice(0), wanted);
  }
  clock.advance(1000);
  await new Promise<void>((resolve) => setImmediate(resolve));
  t.same(verdicts, [{ ...down, mailReason: 'third' }]);
  t.same(monitor.verdict, verdicts[0], 'as who joins it later is told');
  t.equal(log.lines.length, 5);
});

t.test('the very first failure is final', async (t) => {
  const { clock, flows, verdicts, log } = monitored({ retry: 5 });
  clock.advance(1000);
  await flows.settle('refused');
  t.same(verdicts, [false]);
  t.same(log.lines, ['info: TCP connection to [192.0.2.5]:tcp:80 failed.']);
});

t.test('what is paced by its start begins every interval, late or not', async (t) => {
  const clock = new SimulatedClock();
  const check = tcpCheck({ delayLoopMs: 1000 });
  const starts: number[] = [];
  const ends: (() => void)[] = [];
  const probe: Probe = {
    name: 'Script',
    isPacedByStart: true,
    attempt: () => {
      starts.push(clock.nowMs());
      return new Promise((resolve) => ends.push(() => resolve(succeeded)));
    },
  };
  const log = new RecordedLog();
  const gate = new AttemptGate(clock, log, 10);
  const world = { clock, log, random: () => 0, gate, latencies: new LatencyHistogram() };
  new Monitor(world, check, probe, unchecked(check, true), () => {});
  const begin = clock.nowMs();
  const run = async (tookMs: number): Promise<void> => {
    clock.advance(tookMs);
    ends.at(-1)?.();
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  clock.advance(1000);
  await run(300);
  clock.advance(700);
  t.same(starts, [begin + 1000, begin + 2000]);
  await run(2500);
  t.equal(starts.length, 2, 'never twice at once');
  clock.advance(0);
  t.equal(starts.at(-1), begin + 4500, 'at once when it took longer than the interval');
  t.end();
});

t.test('once stopped it neither probes nor reports', async (t) => {
  const waiting = monitored();
  waiting.monitor.stop();
  waiting.clock.advance(100_000);
  t.equal(waiting.flows.attempts.length, 0);
  const probing = monitored();
  probing.clock.advance(1000);
  probing.monitor.stop();
  await probing.flows.settle('refused');
  probing.clock.advance(100_000);
  t.same(probing.verdicts, []);
  t.equal(probing.flows.attempts.length, 1);
});

t.test('an interval is up to a fiftieth longer, so that checks do not stay in step', async (t) => {
  const { clock, flows } = monitored({}, 0.5);
  clock.advance(1000);
  await flows.settle('opened');
  clock.advance(10_099);
  t.equal(flows.attempts.length, 1);
  clock.advance(1);
  t.equal(flows.attempts.length, 2);
});

t.test('what the machine was late is taken off the next wait, half of it at most', async (t) => {
  const clock = new SimulatedClock();
  const check = tcpCheck({ delayLoopMs: 1000 });
  const starts: number[] = [];
  const probe: Probe = {
    name: 'the name',
    attempt: () => {
      starts.push(clock.nowMs());
      return Promise.resolve(succeeded);
    },
  };
  const log = new RecordedLog();
  const gate = new AttemptGate(clock, log, 1);
  const world = { clock, log, random: () => 0, gate, latencies: new LatencyHistogram() };
  new Monitor(world, check, probe, unchecked(check, true), () => {});
  // Another check that is under way holds it back.
  const holdFor = async (heldMs: number): Promise<void> => {
    gate.enter(clock.nowMs(), 1000, () => true);
    clock.advance(heldMs);
    gate.leave();
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  await holdFor(1200);
  t.same(starts, [1200]);
  clock.advance(800);
  await new Promise<void>((resolve) => setImmediate(resolve));
  t.same(starts, [1200, 2000], '200 ms late, and where it was again');
  await holdFor(1900);
  clock.advance(499);
  t.same(starts, [1200, 2000, 3900]);
  clock.advance(1);
  t.same(starts, [1200, 2000, 3900, 4400], 'never at once');
});

t.test('what is polled while it is down has a pace of its own', async (t) => {
  const { clock, log, world } = monitored();
  const starts: number[] = [];
  let isWell = false;
  const probe: Probe = {
    name: 'the name',
    pollMs: 3000,
    attempt: () => {
      starts.push(clock.nowMs());
      return Promise.resolve(isWell ? succeeded : { type: 'failed', reason: 'failed' });
    },
  };
  const check = tcpCheck({ delayLoopMs: 1000, delayBeforeRetryMs: 2000, retry: 1 });
  new Monitor(world, check, probe, unchecked(check, false), () => {});
  const pass = async (durationMs: number): Promise<void> => {
    clock.advance(durationMs);
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  await pass(1000);
  await pass(2000);
  t.same(starts, [1000, 3000], 'a retry is no poll');
  await pass(3000);
  isWell = true;
  await pass(3000);
  await pass(1000);
  t.same(starts, [1000, 3000, 6000, 9000, 10_000]);
  t.equal(log.lines.length, 2);
});
