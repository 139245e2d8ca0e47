import fc from 'fast-check';
import t from 'tap';
import { TimerWheel, tickMs } from '../../src/health/timer-wheel.js';
import type { Timer } from '../../src/ports/clock.js';
import { SimulatedClock } from '../sim/clock.js';

t.test('every timer fires once, within a tick of its time, if nobody cancels it', (t) => {
  const plan = fc.record({
    atMs: fc.integer({ min: 0, max: 90_000 }),
    delayMs: fc.integer({ min: 0, max: 120_000 }),
    cancelAfterMs: fc.option(fc.integer({ min: 0, max: 120_000 }), { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(plan, { maxLength: 60 }), (plans) => {
      const clock = new SimulatedClock();
      clock.advance(3.7);
      const wheel = new TimerWheel(clock);
      const startMs = clock.nowMs();
      const fired = plans.map((): number[] => []);
      for (const [index, { atMs, delayMs, cancelAfterMs }] of plans.entries()) {
        clock.setTimer(atMs, () => {
          const timer = wheel.setTimer(delayMs, () => fired[index]?.push(clock.nowMs() - startMs));
          if (cancelAfterMs !== null) clock.setTimer(cancelAfterMs, () => timer.cancel());
        });
      }
      clock.advance(300_000);
      for (const [index, { atMs, delayMs, cancelAfterMs }] of plans.entries()) {
        const times = fired[index] ?? [];
        const [firedMs] = times;
        if (cancelAfterMs === null || cancelAfterMs > delayMs + tickMs) t.equal(times.length, 1);
        else if (cancelAfterMs < delayMs) t.equal(times.length, 0);
        if (firedMs === undefined) continue;
        t.ok(firedMs >= atMs + delayMs && firedMs <= atMs + delayMs + tickMs + 0.001);
      }
    }),
    { numRuns: 100 },
  );
  t.end();
});

t.test('a timer sets the next, and may cancel one of its own tick', (t) => {
  const clock = new SimulatedClock();
  const wheel = new TimerWheel(clock);
  const said: string[] = [];
  const timers: Timer[] = [];
  const beat = (): void => {
    said.push(`beat ${clock.nowMs()}`);
    if (said.length < 4) wheel.setTimer(0, beat);
  };
  wheel.setTimer(0, beat);
  for (const name of ['one', 'two']) {
    timers.push(
      wheel.setTimer(100, () => {
        said.push(name);
        for (const timer of timers) timer.cancel();
      }),
    );
  }
  clock.advance(1000);
  t.same(said, ['beat 20', 'beat 40', 'beat 60', 'beat 80', 'one']);
  t.end();
});

t.test('an empty wheel leaves nothing behind on the clock', (t) => {
  const clock = new SimulatedClock();
  const wheel = new TimerWheel(clock);
  const timers = [5000, 50, 500_000].map((delayMs) => wheel.setTimer(delayMs, () => t.fail()));
  for (const timer of timers) timer.cancel();
  for (const timer of timers) timer.cancel();
  t.equal(clock.runNext(1_000_000), false);
  t.end();
});

t.test('after a pause everything that is due fires at once', (t) => {
  let nowMs = 0;
  let ring = (): void => {};
  const paused = new TimerWheel({
    nowMs: () => nowMs,
    setTimer: (_delayMs, expired) => {
      ring = expired;
      return { cancel: () => {} };
    },
  });
  const fired: number[] = [];
  for (const delayMs of [10, 45_000, 90_000, 600_000]) {
    paused.setTimer(delayMs, () => fired.push(delayMs));
  }
  nowMs = 100_000;
  ring();
  t.same(
    fired.toSorted((a, b) => a - b),
    [10, 45_000, 90_000],
  );
  nowMs = 700_000;
  ring();
  t.equal(fired.length, 4);
  t.end();
});
