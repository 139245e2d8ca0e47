// Sequences and lists: `~SEQ(var[, start[, step]], end) rest`, `~SEQx` in hexadecimal, and
// `~LST(var, v1, v2…) rest` or `~LST({a,b}, {1,2}, {3,4}) rest`. The rest is repeated, one round
// for each value.
import { err, ok, type Result } from 'neverthrow';
import { codeStart } from './comments.js';

export type SequenceHead = {
  readonly keyword: 'SEQ' | 'SEQx' | 'LST';
  /** What stands between the parentheses. */
  readonly inside: string;
  /** Where the repeated text begins. */
  readonly restStart: number;
};

export type Sequence = {
  readonly names: readonly string[];
  readonly rounds: number;
  /** One for each name. */
  readonly valuesOf: (round: number) => readonly string[];
};

/** null: no sequence begins the text. */
export function sequenceHead(text: string): Result<SequenceHead, string> | null {
  if (!text.startsWith('~SEQ') && !text.startsWith('~LST')) return null;
  const match = /^~(SEQx|SEQ|LST)[ \t]*\(/.exec(text);
  const end = text.indexOf(')');
  if (match === null || end < match[0].length) {
    return err(`${text.slice(0, 4)} is followed by its variable and values in parentheses`);
  }
  const keyword = match[1] === 'LST' ? 'LST' : match[1] === 'SEQ' ? 'SEQ' : 'SEQx';
  const inside = text.slice(match[0].length, end);
  return ok({ keyword, inside, restStart: codeStart(text, end + 1) });
}

/** `inside` with its definitions replaced. */
export function sequence({ keyword, inside }: Omit<SequenceHead, 'restStart'>) {
  return keyword === 'LST' ? list(inside) : numbers(inside, keyword === 'SEQx');
}

function numbers(inside: string, isHexadecimal: boolean): Result<Sequence, string> {
  const [name = '', ...words] = inside.split(',').map((word) => word.trim());
  if (!isName(name)) return err(notName('~SEQ', name));
  if (words.length < 1 || words.length > 3) {
    return err(`~SEQ(${inside}) has ${words.length} numbers; it takes END, START, END or ${all}`);
  }
  const bounds: number[] = [];
  for (const word of words) {
    const bound = integer(word);
    if (bound === null) return err(`"${word}" in ~SEQ(${inside}) is not a whole number`);
    bounds.push(bound);
  }
  const { start, step, end } = range(bounds);
  if (step === 0 || (end - start) * step < 0) {
    return err(`~SEQ(${inside}) never gets from ${start} to ${end} in steps of ${step}`);
  }
  if (isHexadecimal && Math.min(start, end) < 0) {
    return err(`~SEQx(${inside}) counts in hexadecimal, which has no negative numbers; use ~SEQ`);
  }
  const radix = isHexadecimal ? 16 : 10;
  return ok({
    names: [name],
    rounds: Math.floor((end - start) / step) + 1,
    valuesOf: (round) => [(start + round * step).toString(radix)],
  });
}

const all = 'START, STEP, END';

function range(bounds: readonly number[]): { start: number; step: number; end: number } {
  const end = bounds.at(-1) ?? 0;
  const start = bounds.length > 1 ? (bounds[0] ?? 0) : end < 0 ? -1 : 1;
  if (bounds.length === 3) return { start, step: bounds[1] ?? 0, end };
  return { start, step: end < start ? -1 : 1, end };
}

/** As strtol(3) reads it: decimal, 0x hexadecimal, or octal after a 0. */
function integer(word: string): number | null {
  const match = /^([+-]?)(?:(0x[\dA-Fa-f]+)|(0[0-7]*)|([1-9]\d*))$/i.exec(word);
  if (match === null) return null;
  const [, sign, hexadecimal, octal, decimal] = match;
  const size = Number(hexadecimal ?? (octal === undefined ? decimal : `0o${octal}`));
  if (!Number.isSafeInteger(size)) return null;
  return sign === '-' && size !== 0 ? -size : size;
}

function list(inside: string): Result<Sequence, string> {
  const [first, ...values] = listItems(inside);
  const names = first ?? [];
  const wrong = names.find((name) => !isName(name));
  if (names.length === 0 || wrong !== undefined) return err(notName('~LST', wrong ?? ''));
  if (values.length === 0) return err(`~LST(${inside}) names no value; write ~LST(NAME, VALUE…)`);
  const long = values.find((tuple) => tuple.length > names.length);
  if (long !== undefined) {
    return err(`{${long.join(',')}} in ~LST(${inside}) has more values than there are variables`);
  }
  return ok({
    names,
    rounds: values.length,
    valuesOf: (round) => names.map((_, index) => values[round]?.[index] ?? ''),
  });
}

/** "a, {b,c}" -> [["a"], ["b", "c"]]. */
function listItems(inside: string): string[][] {
  const items: string[][] = [];
  let at = 0;
  while (at <= inside.length) {
    const start = codeStart(inside, at);
    const close = inside[start] === '{' ? inside.indexOf('}', start) : -1;
    const comma = inside.indexOf(',', Math.max(start, close));
    const end = comma < 0 ? inside.length : comma;
    const item = close < 0 ? [inside.slice(at, end)] : inside.slice(start + 1, close).split(',');
    items.push(item.map((value) => value.trim()));
    at = end + 1;
  }
  return items;
}

function isName(word: string): boolean {
  return /^[A-Za-z_]\w*$/.test(word);
}

function notName(keyword: string, word: string): string {
  return `"${word}" is no name for the variable of ${keyword}; use letters, digits and _`;
}
