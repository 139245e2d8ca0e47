// How long attempts took, counted in the buckets of a Prometheus histogram.

/** Upper bounds in milliseconds; what is above the last is in `count` alone. */
export const latencyBoundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000] as const;

export type Histogram = {
  /** Up to each bound of latencyBoundsMs, those below it included. */
  readonly cumulative: readonly number[];
  readonly count: number;
  readonly sumMs: number;
};

export class LatencyHistogram {
  readonly #counts: number[] = latencyBoundsMs.map(() => 0);
  #count = 0;
  #sumMs = 0;

  add(latencyMs: number): void {
    this.#count += 1;
    this.#sumMs += latencyMs;
    let index = 0;
    for (const boundMs of latencyBoundsMs) {
      if (latencyMs <= boundMs) {
        this.#counts[index] = (this.#counts[index] ?? 0) + 1;
        return;
      }
      index += 1;
    }
  }

  get summary(): Histogram {
    let below = 0;
    const cumulative = this.#counts.map((count) => {
      below += count;
      return below;
    });
    return { cumulative, count: this.#count, sumMs: this.#sumMs };
  }
}

/** Of several threads one. */
export function addedHistograms(one: Histogram, other: Histogram): Histogram {
  return {
    cumulative: one.cumulative.map((count, index) => count + (other.cumulative[index] ?? 0)),
    count: one.count + other.count,
    sumMs: one.sumMs + other.sumMs,
  };
}
