// Has the counters sampled every two seconds, so that tools can show rates at once.
import type { Clock, Timer } from '../ports/clock.js';
import { sampleIntervalMs } from './rates.js';

export class RateWatch {
  readonly #clock: Clock;
  readonly #sample: (nowMs: number) => void;
  #timer: Timer;

  constructor(clock: Clock, sample: (nowMs: number) => void) {
    this.#clock = clock;
    this.#sample = sample;
    this.#timer = this.#again();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #again(): Timer {
    return this.#clock.setTimer(sampleIntervalMs, () => {
      this.#sample(this.#clock.nowMs());
      this.#timer = this.#again();
    });
  }
}
