// The calendar's time of moments that are known on the monotonic clock.

/** Milliseconds since 1970, now. */
export function calendarNowMs(): number {
  return Date.now();
}

/** Seconds since 1970 at which that clock stood at `clockMs`, given where it stands now. */
export function calendarSeconds(clockMs: number, clockNowMs: number): number {
  return Math.round(Date.now() * 1000 - (clockNowMs - clockMs) * 1000) / 1_000_000;
}
