// What is written about one neighbour: a burst of lines, then few a minute, and one that counts
// those that were left out, so that a neighbour that comes and goes does not fill the log.
import type { Clock, Timer } from '../../ports/clock.js';
import type { Log, LogLevel } from '../../ports/log.js';

const burst = 30;
const linesPerMinute = 10;
const sayMs = 60_000;
const minuteMs = 60_000;

export class NeighborLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #subject: string;
  #room = burst;
  #filledMs: number;
  #unsaid = 0;
  #timer: Timer | null = null;

  /** Each line begins with `subject`. */
  constructor(log: Log, clock: Clock, subject: string) {
    this.#log = log;
    this.#clock = clock;
    this.#subject = subject;
    this.#filledMs = clock.nowMs();
  }

  write(level: LogLevel, line: string): void {
    const nowMs = this.#clock.nowMs();
    const added = ((nowMs - this.#filledMs) / minuteMs) * linesPerMinute;
    this.#room = Math.min(this.#room + added, burst);
    this.#filledMs = nowMs;
    if (this.#room < 1) {
      this.#unsaid += 1;
      this.#timer ??= this.#clock.setTimer(sayMs, () => this.#say());
      return;
    }
    this.#room -= 1;
    this.#log.write(level, `${this.#subject}: ${line}`);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#unsaid > 0) this.#say();
  }

  #say(): void {
    this.#timer = null;
    const lines = `${this.#subject}: ${this.#unsaid} lines are left out`;
    this.#log.write('warning', `${lines}: more than ${linesPerMinute} a minute`);
    this.#unsaid = 0;
  }
}
