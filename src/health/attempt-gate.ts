// How many checks are under way at once, and how late they begin: what a machine that cannot keep
// up with its configuration shows first.
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

const logIntervalMs = 60_000;
/** A check that begins later than this part of its interval is late. */
const latePart = 0.1;

export type GateMeasures = {
  readonly started: number;
  readonly underWay: number;
  /** Waiting for others to end. */
  readonly waiting: number;
  /** Began more than a tenth of their interval after their time. */
  readonly late: number;
  readonly worstLatenessMs: number;
};

type Waiting = { readonly dueMs: number; readonly intervalMs: number; readonly begin: Begin };
/** False: it is not wanted any more, and does not begin. */
type Begin = () => boolean;

export class AttemptGate {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #underWayMax: number;
  readonly #waiting = new Set<Waiting>();
  #underWay = 0;
  #started = 0;
  #late = 0;
  #worstLatenessMs = 0;
  #loggedMs = Number.NEGATIVE_INFINITY;
  #worstUnsaidMs = 0;
  #lateUnsaid = 0;

  constructor(clock: Clock, log: Log, underWayMax: number) {
    this.#clock = clock;
    this.#log = log;
    this.#underWayMax = underWayMax;
  }

  get measures(): GateMeasures {
    return {
      started: this.#started,
      underWay: this.#underWay,
      waiting: this.#waiting.size,
      late: this.#late,
      worstLatenessMs: this.#worstLatenessMs,
    };
  }

  /** `begin` is called now, or when others have left; in the order in which they came. */
  enter(dueMs: number, intervalMs: number, begin: Begin): void {
    if (this.#underWay < this.#underWayMax) this.#begin(dueMs, intervalMs, begin);
    else this.#waiting.add({ dueMs, intervalMs, begin });
  }

  /** What began has ended. */
  leave(): void {
    this.#underWay -= 1;
    if (this.#waiting.size === 0) return;
    for (const waiting of this.#waiting) {
      if (this.#underWay >= this.#underWayMax) return;
      this.#waiting.delete(waiting);
      this.#begin(waiting.dueMs, waiting.intervalMs, waiting.begin);
    }
  }

  #begin(dueMs: number, intervalMs: number, begin: Begin): void {
    const latenessMs = Math.max(0, this.#clock.nowMs() - dueMs);
    this.#underWay += 1;
    if (!begin()) {
      this.#underWay -= 1;
      return;
    }
    this.#started += 1;
    this.#worstLatenessMs = Math.max(this.#worstLatenessMs, latenessMs);
    if (latenessMs > intervalMs * latePart) this.#beganLate(latenessMs);
  }

  #beganLate(latenessMs: number): void {
    this.#late += 1;
    this.#lateUnsaid += 1;
    this.#worstUnsaidMs = Math.max(this.#worstUnsaidMs, latenessMs);
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#loggedMs < logIntervalMs) return;
    const seconds = (this.#worstUnsaidMs / 1000).toFixed(3);
    const state = `${this.#underWay} are under way, ${this.#waiting.size} wait`;
    const what = `${this.#lateUnsaid} checks began up to ${seconds} s late`;
    this.#log.write('warning', `${what} (${state}): longer intervals would be kept`);
    this.#loggedMs = nowMs;
    this.#lateUnsaid = 0;
    this.#worstUnsaidMs = 0;
  }
}
