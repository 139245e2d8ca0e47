// A clock that runs faster or slower than the world's: `rate` 1.01 gains a hundredth.
import type { Clock } from '../../src/ports/clock.js';

export function driftingClock(clock: Clock, rate: number): Clock {
  return {
    nowMs: () => clock.nowMs() * rate,
    setTimer: (delayMs, expired) => clock.setTimer(delayMs / rate, expired),
  };
}
