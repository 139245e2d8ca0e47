// How fast counters grow, as IPVS estimates it: every sample moves the rate a quarter of the way to
// what the last seconds had. Pure functions over samples, which are flat arrays, since tens of
// thousands of objects are looked at every two seconds.
import type { Traffic } from './dataplane.js';

export const sampleIntervalMs = 2000;

/** In the order of a row of a sample, behind the object's id. */
const columns = ['connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes'] as const;
export const rowLength = 1 + columns.length;

/** `rows`: for each object its id and its counts. */
export type Sample = { readonly atMs: number; readonly rows: Float64Array };

/** `rates`: for each row of the sample as many numbers, without the id. */
export type Estimates = Sample & { readonly rates: Float64Array };

export const noRate: Traffic = {
  connections: 0,
  inPackets: 0,
  outPackets: 0,
  inBytes: 0,
  outBytes: 0,
};

export function firstEstimates(sample: Sample): Estimates {
  return { ...sample, rates: new Float64Array(rowsOf(sample) * columns.length) };
}

/** What is new, and what counts less than before, begins at 0. */
export function nextEstimates(before: Estimates, sample: Sample): Estimates {
  const seconds = (sample.atMs - before.atMs) / 1000;
  if (seconds <= 0) return before;
  const { rows } = sample;
  const rates = new Float64Array(rowsOf(sample) * columns.length);
  const placeOf = placesIn(before);
  for (let row = 0; row < rowsOf(sample); row++) {
    const start = row * rowLength;
    const earlier = placeOf(rows[start] ?? 0, row);
    const isNew = earlier === undefined || isLess(rows, start, before.rows, earlier * rowLength);
    for (let column = 0; column < columns.length; column++) {
      const count = rows[start + 1 + column] ?? 0;
      const counted = isNew ? 0 : (before.rows[earlier * rowLength + 1 + column] ?? 0);
      const rate = isNew ? 0 : (before.rates[earlier * columns.length + column] ?? 0);
      rates[row * columns.length + column] = rate + ((count - counted) / seconds - rate) / 4;
    }
  }
  return { ...sample, rates };
}

/** By the object's id, in whole numbers. */
export function ratesById({ rows, rates }: Estimates): ReadonlyMap<number, Traffic> {
  const found = new Map<number, Traffic>();
  for (let row = 0; row * rowLength < rows.length; row++) {
    const rate = (column: number): number => Math.round(rates[row * columns.length + column] ?? 0);
    found.set(rows[row * rowLength] ?? 0, {
      connections: rate(0),
      inPackets: rate(1),
      outPackets: rate(2),
      inBytes: rate(3),
      outBytes: rate(4),
    });
  }
  return found;
}

/** Mostly every object stands where it stood: the table is made when one does not. */
function placesIn({ rows }: Sample): (id: number, guess: number) => number | undefined {
  let places: Map<number, number> | null = null;
  return (id, guess) => {
    if (rows[guess * rowLength] === id) return guess;
    if (places === null) {
      places = new Map();
      for (let row = 0; row * rowLength < rows.length; row++) {
        places.set(rows[row * rowLength] ?? 0, row);
      }
    }
    return places.get(id);
  };
}

function isLess(left: Float64Array, leftStart: number, right: Float64Array, rightStart: number) {
  for (let column = 1; column < rowLength; column++) {
    if ((left[leftStart + column] ?? 0) < (right[rightStart + column] ?? 0)) return true;
  }
  return false;
}

function rowsOf({ rows }: Sample): number {
  return rows.length / rowLength;
}

/** The estimates of one kind of objects, sample after sample, of one part after another. */
export class Rates {
  readonly #parts: (Estimates | undefined)[] = [];

  /** `parts`: how many there are. */
  take(part: number, sample: Sample, parts: number): void {
    const before = this.#parts[part];
    this.#parts[part] =
      before === undefined ? firstEstimates(sample) : nextEstimates(before, sample);
    this.#parts.length = parts;
  }

  /** An id that went from one part to another is in both for a while: the later sample counts. */
  byId(): ReadonlyMap<number, Traffic> {
    const parts = this.#parts.filter((part) => part !== undefined);
    const inOrder = parts.toSorted((left, right) => left.atMs - right.atMs);
    return new Map(inOrder.flatMap((part) => [...ratesById(part)]));
  }
}
