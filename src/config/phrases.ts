// What may stand behind a keyword: an argument is one word, a phrase is any number of them. Each
// reads words into a value and writes the value back as words, so that what is printed reads back.
import type { IpAddress } from '../net/address.js';
import { familyOf, parseIpAddress } from '../net/address.js';
import { formatPrefix, type Prefix, parsePrefix } from '../net/prefix.js';
import type { OptionTable } from './options.js';
import type { WordReader } from './word-reader.js';

export type PhraseKind = 'interface' | 'command' | 'commandAs' | 'owner';

export interface Phrase<T> {
  /** As the reference shows it, e.g. "ADDRESS [PORT]". */
  readonly shape: string;
  /** What checks look for wherever it stands. */
  readonly kind?: PhraseKind;
  /** Words that may stand in it by name, for the reference. */
  readonly options?: OptionTable;
  /** undefined: it was wrong and has been reported. */
  read(words: WordReader): T | undefined;
  /** Words as they are written: quoted where they must be. */
  write(value: T): readonly string[];
}

/** One word. */
export interface Argument<T> extends Phrase<T> {
  /** What a sentence about a wrong one asks for, e.g. "a whole number, 1-255". */
  readonly expected: string;
  parse(text: string): T | undefined;
}

/** A word as it must be written to be read back: quotes where a letter has a meaning of its own. */
export function quoted(text: string): string {
  return /^[^\s{}"#!\\]+$/.test(text) ? text : `"${text}"`;
}

export function argument<T>(
  shape: string,
  expected: string,
  parse: (text: string) => T | undefined,
  format: (value: T) => string = String,
): Argument<T> {
  return {
    shape,
    expected,
    parse,
    read: (words) => {
      const word = words.take();
      if (word === undefined) return words.missing(expected);
      return parse(word.text) ?? words.wrong(word, expected);
    },
    write: (value) => [quoted(format(value))],
  };
}

export function integer(min: number, max: number): Argument<number> {
  const isNegative = min < 0;
  const pattern = isNegative ? /^[-+]?[0-9]{1,16}$/ : /^\+?[0-9]{1,16}$/;
  const bounds = isNegative ? `${min} to ${max}` : `${min}-${max}`;
  return argument(bounds, `a whole number, ${bounds}`, (text) => {
    const value = Number(text);
    return pattern.test(text) && value >= min && value <= max ? value : undefined;
  });
}

/** Decimal seconds, decoded to milliseconds (microseconds as a fraction). */
export function seconds(min: number, max: number): Argument<number> {
  const bounds = `${min}-${max}`;
  const rounded = argument(
    `SECONDS ${bounds}`,
    `seconds, ${bounds}, decimals allowed`,
    (text) => {
      const value = Number(text);
      if (!/^\+?([0-9]{1,10}(\.[0-9]*)?|\.[0-9]+)$/.test(text)) return undefined;
      return value < min || value > max ? undefined : Math.round(value * 1e6) / 1e3;
    },
    (ms) => String(Math.round(ms * 1e3) / 1e6),
  );
  return {
    ...rounded,
    read: (words) => {
      const word = words.peek();
      const value = rounded.read(words);
      if (word === undefined || value === undefined || !/\.[0-9]{7}/.test(word.text)) return value;
      const message = `${word.text} is rounded to microseconds, six decimals`;
      words.report.warning('config.rounded', word.position, message);
      return value;
    },
  };
}

/** Any word, or any text in double quotes; never empty. */
export function word(shape: string): Argument<string> {
  return argument(shape, shape, (text) => text || undefined);
}

/** Linux allows 15 characters in the name of an interface (IFNAMSIZ - 1). */
const interfaceNameMax = 15;

export const interfaceName: Argument<string> = {
  ...argument(
    'INTERFACE',
    `the name of an interface, ${interfaceNameMax} characters at most`,
    (text) => (/^[^/\s]{1,15}$/.test(text) ? text : undefined),
  ),
  kind: 'interface',
};

export function choice<const T extends string>(...choices: readonly T[]): Argument<T> {
  const convert = (text: string): T | undefined => choices.find((one) => one === text);
  return argument(choices.join('|'), choices.join(' or '), convert);
}

/** Like `choice`, whatever the case that the word is written in. */
export function caselessChoice<const T extends string>(...choices: readonly T[]): Argument<T> {
  const convert = (text: string): T | undefined =>
    choices.find((one) => one.toLowerCase() === text.toLowerCase());
  return argument(choices.join('|'), choices.join(' or '), convert);
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['off', false],
  ['false', false],
  ['no', false],
]);

const onOrOff: Argument<boolean> = argument(
  'on|off',
  'on or off (or true, yes, false, no)',
  (text) => truths.get(text.toLowerCase()),
  (value) => (value ? 'on' : 'off'),
);

/** A missing word means true, as keepalived has it. */
export const onOff: Phrase<boolean> = {
  shape: '[on|off]',
  read: (words) => (words.peek() === undefined ? true : onOrOff.read(words)),
  write: (value) => onOrOff.write(value),
};

export function parseAddress(text: string): IpAddress | undefined {
  const parsed = parseIpAddress(text);
  return parsed.isOk() ? parsed.value : undefined;
}

export const address: Argument<IpAddress> = argument('ADDRESS', 'an IP address', parseAddress);

export function addressOf(family: 'ipv4' | 'ipv6'): Argument<IpAddress> {
  const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
  return argument(`${name} ADDRESS`, `an ${name} address`, (text) => {
    const parsed = parseAddress(text);
    return parsed !== undefined && familyOf(parsed) === family ? parsed : undefined;
  });
}

/** ADDRESS or ADDRESS/LENGTH; without a length it is a single address. */
export const prefix: Argument<Prefix> = argument(
  'ADDRESS[/LENGTH]',
  'an IP address, with /LENGTH unless it stands for itself alone',
  (text) => {
    const parsed = parsePrefix(text);
    return parsed.isOk() ? parsed.value : undefined;
  },
  formatPrefix,
);

/** `absent` when no word is left. */
export function optional<T, D>(phrase: Phrase<T>, absent: D): Phrase<T | D> {
  return {
    ...(phrase.options === undefined ? {} : { options: phrase.options }),
    shape: `[${phrase.shape}]`,
    read: (words) => (words.peek() === undefined ? absent : phrase.read(words)),
    write: (value) => (value === absent ? [] : phrase.write(value as T)),
  };
}

/** All words that are left; at least `min`. */
export function many<T>(one: Argument<T>, min = 1): Phrase<readonly T[]> {
  return {
    shape: min === 0 ? `[${one.shape}…]` : `${one.shape}…`,
    read: (words) => {
      if (min > 0 && words.peek() === undefined) return words.missing(one.expected);
      const values: T[] = [];
      while (words.peek() !== undefined) {
        const value = one.read(words);
        if (value === undefined) return undefined;
        values.push(value);
      }
      return values;
    },
    write: (values) => values.flatMap((value) => one.write(value)),
  };
}

type Parts = { readonly [name: string]: Phrase<unknown> };
export type PhraseValue<P> = P extends Phrase<infer V> ? V : never;
type Sequence<P extends Parts> = { readonly [K in keyof P]: PhraseValue<P[K]> };

/** One phrase after the other, as a record. */
export function sequence<const P extends Parts>(parts: P): Phrase<Sequence<P>> {
  const all = Object.entries(parts) as readonly (readonly [string, Phrase<unknown>])[];
  const options = all.find(([, part]) => part.options !== undefined)?.[1].options;
  return {
    ...(options === undefined ? {} : { options }),
    shape: all.map(([, part]) => part.shape).join(' '),
    read: (words) => {
      const values: Record<string, unknown> = {};
      for (const [name, part] of all) {
        const value = part.read(words);
        if (value === undefined) return undefined;
        values[name] = value;
      }
      return values as Sequence<P>;
    },
    write: (value) =>
      all.flatMap(([name, part]) => part.write((value as Record<string, unknown>)[name])),
  };
}

/** A word of its own before a phrase: "weight 5". */
export function prefixed<T>(name: string, phrase: Phrase<T>): Phrase<T> {
  return {
    shape: `${name} ${phrase.shape}`,
    read: (words) => {
      if (words.takeIf(name) !== undefined) return phrase.read(words);
      const word = words.peek();
      const expected = `${name} ${phrase.shape}`;
      return word === undefined ? words.missing(expected) : words.wrong(word, expected);
    },
    write: (value) => [name, ...phrase.write(value)],
  };
}
