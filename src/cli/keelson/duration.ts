// A time as a person reads it.

/** The two largest units that say something: "3d 4h", "12m 5s". */
export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const said = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2);
  return said.map(([count, unit]) => `${count}${unit}`).join(' ');
}
