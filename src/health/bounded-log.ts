// A log that ten thousand servers that fail at once do not fill: so many lines at once, so many a
// second after that, and one that counts those that were left out.
import type { Clock, Timer } from '../ports/clock.js';
import type { Log, LogLevel } from '../ports/log.js';

const burst = 1_000;
const linesPerSecond = 100;
const sayMs = 1_000;

export class BoundedLog implements Log {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #about: string;
  #room = burst;
  #filledMs: number;
  #unsaid = 0;
  #timer: Timer | null = null;

  /** `about` is what the lines that are left out would have been about. */
  constructor(log: Log, clock: Clock, about = 'servers and checks') {
    this.#log = log;
    this.#about = about;
    this.#clock = clock;
    this.#filledMs = clock.nowMs();
  }

  write(severity: LogLevel, line: string): void {
    const nowMs = this.#clock.nowMs();
    const added = ((nowMs - this.#filledMs) / 1000) * linesPerSecond;
    this.#room = Math.min(this.#room + added, burst);
    this.#filledMs = nowMs;
    if (this.#room < 1) {
      this.#unsaid += 1;
      this.#timer ??= this.#clock.setTimer(sayMs, () => this.#say());
      return;
    }
    this.#room -= 1;
    this.#log.write(severity, line);
  }

  #say(): void {
    this.#timer = null;
    const lines = `${this.#unsaid} lines about ${this.#about} are left out`;
    this.#log.write('warning', `${lines}: more than ${linesPerSecond} a second`);
    this.#unsaid = 0;
  }
}
