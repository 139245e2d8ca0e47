import fc from 'fast-check';
import t from 'tap';
import { describeLateTimer, HostClock, type TimeSource } from '../../src/host/clock.js';

/** Time that the test moves; alarms ring as wrongly as it likes. */
class TestTime implements TimeSource {
  now = 1_000;
  readonly armed: { readonly delayMs: number; readonly rang: () => void }[] = [];

  readonly nowMs = () => this.now;
  readonly arm = (delayMs: number, rang: () => void) => {
    const alarm = { delayMs, rang };
    this.armed.push(alarm);
    return () => {
      const index = this.armed.indexOf(alarm);
      if (index >= 0) this.armed.splice(index, 1);
    };
  };

  /** The one alarm rings `errorMs` after (or before) its time. */
  ring(errorMs: number): void {
    const alarm = this.armed.shift();
    if (alarm === undefined) throw new Error('assertion: nothing is armed');
    this.now += Math.max(0, alarm.delayMs + errorMs);
    alarm.rang();
  }
}

t.test('a timer that rings early waits on', (t) => {
  const source = new TestTime();
  const clock = new HostClock({ source });
  let fired = 0;
  clock.setTimer(10, () => fired++);
  source.ring(-0.4);
  t.equal(fired, 0);
  source.ring(0.2);
  t.equal(fired, 1);
  t.equal(source.armed.length, 0);
  t.ok(source.now >= 1_010);
  t.end();
});

t.test('never before its delay, whatever the alarms do', (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 5_000, noNaN: true }),
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 50 }),
      (delayMs, errors) => {
        const source = new TestTime();
        const clock = new HostClock({ source });
        let firedAt: number | null = null;
        clock.setTimer(delayMs, () => {
          firedAt = source.now;
        });
        for (const errorMs of errors) if (firedAt === null) source.ring(errorMs);
        while (firedAt === null) source.ring(0);
        t.ok(firedAt - 1_000 >= delayMs - 1e-6, `${firedAt} ${delayMs}`);
      },
    ),
  );
  t.end();
});

t.test('cancelled timers stay silent, also after an early ring', (t) => {
  const source = new TestTime();
  const clock = new HostClock({ source });
  const fail = (): void => {
    t.fail('was cancelled');
  };
  clock.setTimer(10, fail).cancel();
  t.equal(source.armed.length, 0);
  const timer = clock.setTimer(10, fail);
  source.ring(-2);
  timer.cancel();
  timer.cancel();
  t.equal(source.armed.length, 0);
  t.end();
});

t.test('a delay longer than Node can count is waited for in parts', (t) => {
  const source = new TestTime();
  const clock = new HostClock({ source });
  const delayMs = 2 ** 31 + 5;
  let firedAt = 0;
  clock.setTimer(delayMs, () => {
    firedAt = source.now;
  });
  while (source.armed.length > 0) {
    t.ok((source.armed[0]?.delayMs ?? 0) < 2 ** 31);
    source.ring(0);
  }
  t.equal(firedAt - 1_000, delayMs);
  t.end();
});

t.test('lateness is counted, and told when it is bad', (t) => {
  const source = new TestTime();
  const late: number[] = [];
  const clock = new HostClock({ source, lateThresholdMs: 50, late: (ms) => late.push(ms) });
  const none = { timers: 0, worstMs: 0, meanMs: 0 };
  t.strictSame(clock.lateness(), { ...none, sinceLast: none });
  for (const errorMs of [10, 20, 60]) {
    clock.setTimer(100, () => {});
    source.ring(errorMs);
  }
  const all = { timers: 3, worstMs: 60, meanMs: 30 };
  t.strictSame(clock.lateness(), { ...all, sinceLast: all });
  t.strictSame(clock.lateness(), { ...all, sinceLast: none });
  t.strictSame(late, [60]);
  t.equal(describeLateTimer(9_200.5), 'A thread timer expired 9.200500 seconds ago');
  t.end();
});

t.test("on Node's timers", async (t) => {
  const clock = new HostClock();
  const startMs = clock.nowMs();
  const delays = [0, 0.3, 1, 1.5, 2.7, 5];
  const waited = await Promise.all(
    delays.map(
      (delayMs) =>
        new Promise<number>((resolve) => {
          clock.setTimer(delayMs, () => resolve(clock.nowMs() - startMs - delayMs));
        }),
    ),
  );
  t.ok(
    waited.every((lateMs) => lateMs >= 0),
    waited.join(' '),
  );
  t.equal(clock.lateness().timers, delays.length);
});
