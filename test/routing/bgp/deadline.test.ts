// A deadline that is put off, brought forward, cleared; and how few timers of the clock that takes.
import t from 'tap';
import type { Clock } from '../../../src/ports/clock.js';
import { Deadline } from '../../../src/routing/bgp/deadline.js';
import { SimulatedClock } from '../../sim/clock.js';

function bench() {
  const simulated = new SimulatedClock();
  const counts = { armed: 0, expired: 0 };
  const clock: Clock = {
    nowMs: () => simulated.nowMs(),
    setTimer: (delayMs, expired) => {
      counts.armed += 1;
      return simulated.setTimer(delayMs, expired);
    },
  };
  const deadline = new Deadline(clock, () => {
    counts.expired += 1;
  });
  return { advance: (ms: number) => simulated.advance(ms), counts, deadline };
}

t.test('it expires once, when it was said last', (t) => {
  const { advance, counts, deadline } = bench();
  deadline.set(1000);
  advance(999);
  deadline.set(1000);
  advance(999);
  t.equal(counts.expired, 0);
  advance(1);
  t.equal(counts.expired, 1);
  advance(10_000);
  t.equal(counts.expired, 1);
  deadline.set(5);
  advance(5);
  t.equal(counts.expired, 2);
  t.end();
});

t.test('what is brought forward expires early', (t) => {
  const { advance, counts, deadline } = bench();
  deadline.set(1000);
  deadline.set(10);
  advance(10);
  t.equal(counts.expired, 1);
  advance(1000);
  t.equal(counts.expired, 1);
  t.end();
});

t.test('what is cleared never expires, and may be set again', (t) => {
  const { advance, counts, deadline } = bench();
  deadline.clear();
  deadline.set(10);
  deadline.set(20);
  deadline.clear();
  advance(100);
  t.equal(counts.expired, 0);
  deadline.set(10);
  advance(10);
  t.equal(counts.expired, 1);
  t.end();
});

t.test('a hundred thousand messages arm no more timers than there are hold times', (t) => {
  const { advance, counts, deadline } = bench();
  for (let message = 0; message < 100_000; message += 1) {
    deadline.set(90_000);
    advance(1);
  }
  t.equal(counts.armed, 2);
  advance(90_000);
  t.equal(counts.expired, 1);
  t.end();
});
