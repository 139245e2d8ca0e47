// Thousands of timers for the price of one: a clock whose timers lie in slots of a wheel, so that
// to set and to cancel one takes a constant time and the machine's own clock has one timer at most.
// They fire up to a tick late and never early. (Varghese and Lauck, "Hashed and Hierarchical Timing
// Wheels", scheme 6.)
import type { Clock, Timer } from '../ports/clock.js';

/** What is due within one costs one wake-up, which is a good part of what a check costs. */
export const tickMs = 20;
const slotCount = 4096;

const isFiring = -1;
const isOver = -2;

/** One object for each timer: there are thousands a second. */
class Entry implements Timer {
  readonly tick: number;
  readonly expired: () => void;
  /** Its place in its slot, or what became of it. */
  place: number;
  readonly #cancelled: (entry: Entry) => void;

  constructor(tick: number, place: number, expired: () => void, cancelled: (entry: Entry) => void) {
    this.tick = tick;
    this.place = place;
    this.expired = expired;
    this.#cancelled = cancelled;
  }

  cancel(): void {
    this.#cancelled(this);
  }
}

export class TimerWheel implements Clock {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #slots: Entry[][] = Array.from({ length: slotCount }, () => []);
  /** Everything that was due by this tick has fired. */
  #tick = 0;
  #count = 0;
  #armed: { readonly tick: number; readonly timer: Timer } | null = null;
  #isTurning = false;

  /** The last of its slot takes its place. */
  readonly #cancel = (entry: Entry): void => {
    const { place, tick } = entry;
    entry.place = isOver;
    if (place < 0) return;
    const slot = this.#slot(tick);
    const last = slot.pop();
    if (last !== undefined && last !== entry) {
      slot[place] = last;
      last.place = place;
    }
    this.#count -= 1;
    if (this.#count > 0) return;
    this.#armed?.timer.cancel();
    this.#armed = null;
  };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  setTimer(delayMs: number, expired: () => void): Timer {
    const dueMs = this.nowMs() - this.#startMs + delayMs;
    const tick = Math.max(Math.ceil(dueMs / tickMs), this.#tick + 1);
    const slot = this.#slot(tick);
    const entry = new Entry(tick, slot.length, expired, this.#cancel);
    slot.push(entry);
    this.#count += 1;
    if (!this.#isTurning && tick < (this.#armed?.tick ?? Number.POSITIVE_INFINITY)) this.#arm(tick);
    return entry;
  }

  #slot(tick: number): Entry[] {
    const slot = this.#slots[tick % slotCount];
    if (slot === undefined) throw new Error('assertion: the wheel has a slot for each tick');
    return slot;
  }

  #arm(tick: number): void {
    this.#armed?.timer.cancel();
    const delayMs = Math.max(0, this.#startMs + tick * tickMs - this.nowMs());
    this.#armed = { tick, timer: this.#clock.setTimer(delayMs, () => this.#turn()) };
  }

  #turn(): void {
    this.#armed = null;
    this.#isTurning = true;
    const now = Math.floor((this.nowMs() - this.#startMs) / tickMs);
    // After a pause of the machine one round visits every slot.
    const last = Math.min(now, this.#tick + slotCount);
    for (let tick = this.#tick + 1; tick <= last; tick++) this.#fire(tick, now);
    this.#tick = Math.max(this.#tick, now);
    this.#isTurning = false;
    const next = this.#next();
    if (next !== null) this.#arm(next);
  }

  /** What its callbacks set is due at a later tick, but may be in this slot. */
  #fire(tick: number, now: number): void {
    this.#tick = tick;
    const due = this.#slot(tick);
    if (due.length === 0) return;
    const stay: Entry[] = [];
    let count = 0;
    for (const entry of due) {
      if (entry.tick <= now) {
        entry.place = isFiring;
        due[count++] = entry;
      } else {
        entry.place = stay.length;
        stay.push(entry);
      }
    }
    due.length = count;
    this.#slots[tick % slotCount] = stay;
    this.#count -= due.length;
    for (const entry of due) {
      // One before it may have cancelled it.
      if (entry.place !== isFiring) continue;
      entry.place = isOver;
      entry.expired();
    }
  }

  /** The tick of the next slot that has an entry, perhaps of a later round; null: all are empty. */
  #next(): number | null {
    if (this.#count === 0) return null;
    for (let tick = this.#tick + 1; tick <= this.#tick + slotCount; tick++) {
      if (this.#slot(tick).length > 0) return tick;
    }
    return null;
  }
}
