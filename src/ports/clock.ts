// Time as the rest of the code may know it: a monotonic clock and timers that run on it.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic milliseconds with a fraction, from an arbitrary start. */
  nowMs(): number;
  /** Calls back once, never before `delayMs` (>= 0) has passed. */
  setTimer(delayMs: number, expired: () => void): Timer;
}
