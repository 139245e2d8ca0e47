// Numbers beside `integer` and `seconds`: whole seconds, and numbers that are pulled into their
// range with a warning.
import { type Argument, argument, integer } from './phrases.js';

/** Decoded to milliseconds. */
export function wholeSeconds(min: number, max: number): Argument<number> {
  const whole = integer(min, max);
  return argument(
    `SECONDS ${min}-${max}`,
    `whole seconds, ${min}-${max}`,
    (written) => {
      const value = whole.parse(written);
      return value === undefined ? undefined : value * 1000;
    },
    (ms) => String(ms / 1000),
  );
}

/** What is below `min` or above `max` counts as that, with a warning. */
export function clamped(number: Argument<number>, min: number, max = Infinity): Argument<number> {
  return {
    ...number,
    read: (words) => {
      const { position } = words;
      const value = number.read(words);
      if (value === undefined) return undefined;
      const used = Math.min(Math.max(value, min), max);
      if (used === value) return value;
      const [given, instead] = [number.write(value).join(), number.write(used).join()];
      const message = `${given} is out of range for ${words.subject.text}; ${instead} is used`;
      words.report.warning('config.out_of_range', position, message);
      return used;
    },
  };
}
