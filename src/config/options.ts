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
    read: (words) => readOptions(where, table, words) as Options<T> | undefined,
    write: (value) => writeOptions(table, value),
  };
}

function readOptions(
  where: string,
  table: OptionTable,
  words: WordReader,
): Record<string, unknown> | undefined {
  const found: Record<string, unknown> = {};
  for (let word = words.take(); word !== undefined; word = words.take()) {
    const name = nameOf(table, word);
    const one = name === null ? undefined : table[name];
    if (name === null || one === undefined) return unknown(where, table, word, words);
    if (!one.isActedOn) words.report.notActedOn(`${where} ${name}`, word.position);
    const value = one.phrase === null ? true : one.phrase.read(words);
    if (value === undefined) return undefined;
    found[name] = value;
  }
  return found;
}

/** The name under which a spelling is kept; null: there is no such option. */
function nameOf(table: OptionTable, { text }: Word): string | null {
  if (!Object.hasOwn(table, text)) return null;
  return table[text]?.sameAs ?? text;
}

function unknown(where: string, table: OptionTable, word: Word, words: WordReader): undefined {
  const near = nearest(word.text, Object.keys(table));
  const hint =
    near === null ? `; known are: ${Object.keys(table).join(', ')}` : `; did you mean "${near}"?`;
  const message = `"${word.text}" is not known behind ${where}${hint}`;
  words.report.error('config.unknown_option', word.position, message);
}

export function writeOptions(table: OptionTable, value: object): readonly string[] {
  return Object.entries(table).flatMap(([name, one]) => {
    const found = (value as Record<string, unknown>)[name];
    if (found === undefined) return [];
    return one.phrase === null ? [name] : [name, ...one.phrase.write(found)];
  });
}
