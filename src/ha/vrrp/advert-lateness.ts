// How late the adverts of one instance left after they were due: counted, never kept.

export type AdvertLateness = {
  /** Those that a timer was set for; answers to others have no time to be late for. */
  readonly adverts: number;
  readonly worstMs: number;
  readonly meanMs: number;
  /** How many left later than `lateBoundMs`. */
  readonly late: number;
};

export const noAdverts: AdvertLateness = { adverts: 0, worstMs: 0, meanMs: 0, late: 0 };

/** A fifth of the interval; and no machine that shares its processors keeps to less than 3 ms. */
export function lateBoundMs(intervalMs: number): number {
  return Math.max(3, intervalMs / 5);
}

export class AdvertLatenessCount {
  #adverts = 0;
  #worstMs = 0;
  #sumMs = 0;
  #late = 0;

  /** True when it left too late. */
  left(lateMs: number, intervalMs: number): boolean {
    const isLate = lateMs > lateBoundMs(intervalMs);
    this.#adverts += 1;
    this.#sumMs += lateMs;
    if (lateMs > this.#worstMs) this.#worstMs = lateMs;
    if (isLate) this.#late += 1;
    return isLate;
  }

  summary(): AdvertLateness {
    const adverts = this.#adverts;
    const meanMs = adverts === 0 ? 0 : this.#sumMs / adverts;
    return { adverts, worstMs: this.#worstMs, meanMs, late: this.#late };
  }
}
