// keepalived's line for timers that fire late, at a bounded rate: a machine that stands still makes
// every timer late, and a log of them all would make it later.
import { describeLateTimer } from '../host/clock.js';
import type { Log } from '../ports/log.js';

const quietMs = 1_000;

export class LateTimerLog {
  readonly #log: Log;
  readonly #nowMs: () => number;
  #lastMs = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(log: Log, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  late(lateMs: number): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#lastMs < quietMs) {
      this.#unsaid += 1;
      return;
    }
    const more = this.#unsaid === 0 ? '' : ` (${this.#unsaid} more since the last such line)`;
    this.#log.write('warning', `${describeLateTimer(lateMs)}${more}`);
    this.#lastMs = nowMs;
    this.#unsaid = 0;
  }
}
