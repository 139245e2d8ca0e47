// Words that keepalived takes as they are, also an empty one in double quotes, and words of a
// limited length.
import { type Argument, argument } from './phrases.js';

export function text(shape: string): Argument<string> {
  return argument(shape, shape, (written) => written);
}

/** A longer one is wrong. */
export function textUpTo(shape: string, octetsMax: number): Argument<string> {
  const expected = `${shape}, ${octetsMax} characters at most`;
  return argument(shape, expected, (written) =>
    firstOctets(written, octetsMax) === written ? written : undefined,
  );
}

/** A longer one is cut, with a warning. */
export function cutText(shape: string, octetsMax: number): Argument<string> {
  const whole = text(shape);
  return {
    ...whole,
    read: (words) => {
      const { position } = words;
      const written = whole.read(words);
      if (written === undefined) return undefined;
      const carried = firstOctets(written, octetsMax);
      if (carried !== written) {
        const message = `${words.subject.text} is cut to its first ${octetsMax} characters`;
        words.report.warning('config.truncated', position, message);
      }
      return carried;
    },
  };
}

/** As many whole characters as fit into `octetsMax` octets of UTF-8. */
export function firstOctets(written: string, octetsMax: number): string {
  let carried = '';
  let octets = 0;
  for (const character of written) {
    const code = character.codePointAt(0) ?? 0;
    octets += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (octets > octetsMax) return carried;
    carried += character;
  }
  return carried;
}
