// A timer that is put off with every message: the clock's own is left alone until it rings, and
// armed for the rest then. A neighbour with a full table would have a hundred thousand armed.
import type { Clock, Timer } from '../../ports/clock.js';

export class Deadline {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #timer: Timer | null = null;
  #dueMs = 0;
  /** When the clock's timer rings, if there is one: not behind #dueMs. */
  #ringsAtMs = 0;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** Calls back once, `delayMs` from now; what was set before does not count any more. */
  set(delayMs: number): void {
    this.#dueMs = this.#clock.nowMs() + delayMs;
    if (this.#timer !== null && this.#ringsAtMs <= this.#dueMs) return;
    this.#timer?.cancel();
    this.#arm(delayMs);
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(delayMs: number): void {
    this.#ringsAtMs = this.#dueMs;
    this.#timer = this.#clock.setTimer(delayMs, () => this.#ring());
  }

  #ring(): void {
    this.#timer = null;
    const leftMs = this.#dueMs - this.#clock.nowMs();
    if (leftMs > 0) this.#arm(leftMs);
    else this.#expired();
  }
}
