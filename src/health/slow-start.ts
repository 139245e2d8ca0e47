// slow_start: a server that comes up takes a tenth of its weight at first, and all of it after so
// many seconds, in ten steps. Pure.

export type SlowStart = {
  readonly weight: number;
  /** On the clock; null: it was up before we looked, and starts no more. */
  readonly upSinceMs: number | null;
  /** 0: all of its weight at once. */
  readonly slowStartMs: number;
};

export type SlowWeight = {
  readonly weight: number;
  /** When it will be more; null: it is the full one. */
  readonly changesAtMs: number | null;
};

const steps = 10;

export function slowWeight(start: SlowStart, nowMs: number): SlowWeight {
  const { weight, upSinceMs, slowStartMs } = start;
  const full = { weight, changesAtMs: null };
  if (upSinceMs === null || slowStartMs <= 0 || weight <= 1) return full;
  /** Step 10, that of the full weight, begins at the end of the time. */
  const beginOf = (step: number): number =>
    upSinceMs + Math.ceil((slowStartMs * (step - 1)) / (steps - 1));
  let step = 1;
  while (step < steps && nowMs >= beginOf(step + 1)) step++;
  if (step === steps) return full;
  const reached = weightAt(weight, step);
  let next = step + 1;
  while (next < steps && weightAt(weight, next) === reached) next++;
  return { weight: reached, changesAtMs: beginOf(next) };
}

function weightAt(weight: number, step: number): number {
  return Math.max(Math.floor((weight * step) / steps), 1);
}
