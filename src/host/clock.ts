// The machine's monotonic clock, the same on every thread. Its timers never fire early, and it
// keeps count of how late they fire: late adverts are the classic split brain.
import type { Clock, Timer } from '../ports/clock.js';

export type Lateness = {
  readonly timers: number;
  readonly worstMs: number;
  readonly meanMs: number;
};

export type LatenessReport = Lateness & {
  /** Since the report before this one. */
  readonly sinceLast: Lateness;
};

/** What HostClock runs on; tests pass their own. `arm` may call back early. */
export type TimeSource = {
  readonly nowMs: () => number;
  readonly arm: (delayMs: number, rang: () => void) => () => void;
};

export type ClockOptions = {
  /** Called with the lateness of each timer that fires later than `lateThresholdMs`. */
  readonly late?: (lateMs: number) => void;
  readonly lateThresholdMs?: number;
  readonly source?: TimeSource;
};

const lateThresholdDefaultMs = 100;
/** Node takes a longer delay for 1 ms. */
const delayMaxMs = 0x7fffffff;

export class HostClock implements Clock {
  readonly #source: TimeSource;
  readonly #late: (lateMs: number) => void;
  /** Of lateness that `late` is called with. */
  lateThresholdMs: number;
  readonly #sinceStart = new LatenessCount();
  #sinceLast = new LatenessCount();

  constructor({ late, lateThresholdMs, source }: ClockOptions = {}) {
    this.#source = source ?? nodeTime;
    this.#late = late ?? (() => {});
    this.lateThresholdMs = lateThresholdMs ?? lateThresholdDefaultMs;
  }

  nowMs(): number {
    return this.#source.nowMs();
  }

  setTimer(delayMs: number, expired: () => void): Timer {
    const deadlineMs = this.nowMs() + delayMs;
    let disarm: () => void;
    const wait = (leftMs: number): void => {
      disarm = this.#source.arm(Math.min(Math.ceil(leftMs), delayMaxMs), () => {
        const lateMs = this.nowMs() - deadlineMs;
        if (lateMs < 0) {
          wait(-lateMs);
          return;
        }
        this.#record(lateMs);
        expired();
      });
    };
    wait(delayMs);
    return { cancel: () => disarm() };
  }

  lateness(): LatenessReport {
    const sinceLast = this.#sinceLast.summary();
    this.#sinceLast = new LatenessCount();
    return { ...this.#sinceStart.summary(), sinceLast };
  }

  #record(lateMs: number): void {
    this.#sinceStart.add(lateMs);
    this.#sinceLast.add(lateMs);
    if (lateMs > this.lateThresholdMs) this.#late(lateMs);
  }
}

/** keepalived's own line. */
export function describeLateTimer(lateMs: number): string {
  return `A thread timer expired ${(lateMs / 1000).toFixed(6)} seconds ago`;
}

class LatenessCount {
  #timers = 0;
  #sumMs = 0;
  #worstMs = 0;

  add(lateMs: number): void {
    this.#timers++;
    this.#sumMs += lateMs;
    this.#worstMs = Math.max(this.#worstMs, lateMs);
  }

  summary(): Lateness {
    const timers = this.#timers;
    return { timers, worstMs: this.#worstMs, meanMs: timers === 0 ? 0 : this.#sumMs / timers };
  }
}

const nodeTime: TimeSource = {
  nowMs: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1_000_000;
  },
  arm: (delayMs, rang) => {
    const timeout = setTimeout(rang, delayMs);
    return () => clearTimeout(timeout);
  },
};
