// Words by name behind a value, in any order, as iproute2 has them: "dev eth0 scope global".

import type { Word } from '../../grammar/syntax-tree.js';
import { nearest } from './nearest.js';
import type { Phrase } from './phrases.js';
import type { Sentence } from './sentence.js';
import type { WordReader } from './word-reader.js';

export type Option<T> = {
  readonly documentation: Sentence;
  /** null: the name alone is the option, its value is true. */
  readonly phrase: Phrase<T> | null;
  readonly isActedOn: boolean;
  /** Another spelling of the option of this name. */
  readonly sameAs?: string;
};

export type OptionTable = { readonly [name: string]: Option<unknown> };

export type Options<T extends OptionTable> = {
  readonly [K in keyof T]?: T[K] extends Option<infer V> ? V : never;
};

export function option<T>(documentation: Sentence, phrase: Phrase<T>): Option<T> {
  return { documentation, phrase, isActedOn: true };
}

export function mark(documentation: Sentence): Option<true> {
  return { documentation, phrase: null, isActedOn: true };
}

/** Accepted, kept and printed; that nothing comes of it yet is said once a file. */
export function keptOptions<const T extends OptionTable>(table: T): T {
  const kept = Object.entries(table).map(([name, one]) => [name, { ...one, isActedOn: false }]);
  return Object.fromEntries(kept) as T;
}

/** `where` names what the options belong to, for messages. */
export function options<const T extends OptionTable>(where: string, table: T): Phrase<Options<T>> {
  return {
    shape: '[OPTION…]',
    options: table,
    read: (words) => readOptions(where, table, words),
    write: (value) => writeOptions(table, value),
  };
}

function readOptions<T extends OptionTable>(
  where: string,
  table: T,
  words: WordReader,
): Options<T> | undefined {
  let found: Options<T> = {};
  while (words.peek() !== undefined) {
    const next = readOption(where, table, found, words);
    if (next === undefined) return undefined;
    found = next;
  }
  return found;
}

/** `found` with one option more. There is a word. */
export function readOption<T extends OptionTable>(
  where: string,
  table: T,
  found: Options<T>,
  words: WordReader,
): Options<T> | undefined {
  const word = words.peek();
  const name = word === undefined ? null : nameOf(table, word);
  const one = name === null ? undefined : table[name];
  if (word === undefined || name === null || one === undefined) {
    return unknownOption(where, table, words);
  }
  words.take();
  if (!one.isActedOn) words.report.notActedOn(`${where} ${name}`, word.position);
  const value = one.phrase === null ? true : one.phrase.read(words);
  return value === undefined ? undefined : { ...found, [name]: value };
}

/** The name under which a spelling is kept; null: there is no such option. */
function nameOf(table: OptionTable, { text }: Word): string | null {
  if (!Object.hasOwn(table, text)) return null;
  return table[text]?.sameAs ?? text;
}

/** The next word is none of them. */
export function unknownOption(where: string, table: OptionTable, words: WordReader): undefined {
  const { text, position } = words.peek() ?? words.subject;
  const near = nearest(text, Object.keys(table));
  const hint =
    near === null ? `known are: ${Object.keys(table).join(', ')}` : `did you mean "${near}"?`;
  const message = `"${text}" is not known behind ${where}; ${hint}`;
  words.report.error('config.unknown_option', position, message);
}

export function writeOptions(table: OptionTable, value: object): readonly string[] {
  return Object.entries(table).flatMap(([name, one]) => {
    const found = (value as Record<string, unknown>)[name];
    if (found === undefined) return [];
    return one.phrase === null ? [name] : [name, ...one.phrase.write(found)];
  });
}
