// Lines about timers and adverts that are late, at a bounded rate: a machine that stands still
// makes all of them late, and a log of them all would make them later.
import { describeLateTimer } from '../host/clock.js';
import type { Log } from '../ports/log.js';

const quietMs = 1_000;

export class LateTimerLog {
  readonly #timers: BoundedLines;
  readonly #adverts: BoundedLines;

  constructor(log: Log, nowMs: () => number) {
    this.#timers = new BoundedLines(log, nowMs);
    this.#adverts = new BoundedLines(log, nowMs);
  }

  /** In keepalived's words. */
  late(lateMs: number): void {
    this.#timers.write(() => describeLateTimer(lateMs));
  }

  advertLeftLate(instance: string, lateMs: number): void {
    this.#adverts.write(() => `(${instance}) advert left ${lateMs.toFixed(1)} ms late`);
  }
}

class BoundedLines {
  readonly #log: Log;
  readonly #nowMs: () => number;
  #lastMs = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(log: Log, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  write(line: () => string): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#lastMs < quietMs) {
      this.#unsaid += 1;
      return;
    }
    const more = this.#unsaid === 0 ? '' : ` (${this.#unsaid} more since the last such line)`;
    this.#log.write('warning', `${line()}${more}`);
    this.#lastMs = nowMs;
    this.#unsaid = 0;
  }
}
