// Has the counters sampled all the time, a part at each turn, so that tools can show rates at once.
import type { Clock, Timer } from '../ports/clock.js';
import { sampleIntervalMs } from './rates.js';

export class RateWatch {
  readonly #clock: Clock;
  /** Answers when its next turn is. */
  readonly #sample: (nowMs: number) => number;
  #timer: Timer;

  constructor(clock: Clock, sample: (nowMs: number) => number) {
    this.#clock = clock;
    this.#sample = sample;
    this.#timer = this.#again(sampleIntervalMs);
  }

  stop(): void {
    this.#timer.cancel();
  }

  #again(delayMs: number): Timer {
    return this.#clock.setTimer(delayMs, () => {
      this.#timer = this.#again(this.#sample(this.#clock.nowMs()));
    });
  }
}
