// Virtual time: timers run in order of their deadlines, and among equals in the order they were
// set.
import type { Clock, Timer } from '../../src/ports/clock.js';

type Entry = { readonly atMs: number; readonly expired: () => void; isCancelled: boolean };

export class SimulatedClock implements Clock {
  #nowMs = 0;
  /** The next one is the last, so that taking it is cheap. */
  readonly #entries: Entry[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, expired: () => void): Timer {
    if (!(delayMs >= 0)) throw new Error(`assertion: a timer of ${delayMs} ms`);
    const entry: Entry = { atMs: this.#nowMs + delayMs, expired, isCancelled: false };
    let index = this.#entries.length;
    while (index > 0 && (this.#entries[index - 1]?.atMs ?? 0) <= entry.atMs) index--;
    this.#entries.splice(index, 0, entry);
    return {
      cancel: () => {
        entry.isCancelled = true;
      },
    };
  }

  /**
   * Runs the next timer when it is due by `untilMs`; false when there is none: time is `untilMs`
   * then.
   */
  runNext(untilMs: number): boolean {
    for (let entry = this.#entries.at(-1); entry !== undefined; entry = this.#entries.at(-1)) {
      if (!entry.isCancelled && entry.atMs > untilMs) break;
      this.#entries.pop();
      if (entry.isCancelled) continue;
      this.#nowMs = entry.atMs;
      entry.expired();
      return true;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    return false;
  }

  /** Runs everything that is due within `durationMs`. */
  advance(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    while (this.runNext(untilMs));
  }
}
