// The table language: a block is a table of keywords, each with one sentence of documentation and
// what may stand behind it. Decoding, printing and the reference pages are generic: what a table
// says is what the language is.
import type { Statement, Word } from '../../grammar/syntax-tree.js';
import type { Report } from './diagnostic.js';
import { nearest } from './nearest.js';
import type { OptionTable } from './options.js';
import type { Phrase } from './phrases.js';
import type { Printed } from './printed.js';
import type { Sentence } from './sentence.js';
import { type Found, Settings } from './settings.js';
import { WordReader } from './word-reader.js';

/** Which counts of several: as keepalived has it, the last one but for names and scripts. */
export type Repetition = 'last' | 'first' | 'all';

export type Keyword<V> = {
  readonly documentation: Sentence;
  /** What stands behind it as the reference shows it, e.g. "1-255"; without the block. */
  readonly shape: string;
  /** The default as the reference shows it; null: none. */
  readonly default: string | null;
  readonly repeats: Repetition;
  /** false: accepted, kept and printed, but nothing comes of it yet. */
  readonly isActedOn: boolean;
  /** Another spelling (or the opposite) of this keyword, under whose name the value is kept. */
  readonly sameAs?: string;
  /** Warned of: what to write instead. */
  readonly obsolete?: string;
  /** It has no meaning in Keelson, which is warned of: what takes its place. */
  readonly replacement?: Sentence;
  /** What its words are read by; null: it takes none, or its values stand on lines of a block. */
  readonly phrase: Phrase<unknown> | null;
  /** The keywords of its block. */
  readonly inside: Table | null;
  /** The words that its phrase, or each line of its block, takes by name. */
  readonly options: OptionTable | null;
  /** undefined: it was wrong and has been reported. */
  read(statement: Statement, report: Report): V | undefined;
  write(name: string, value: V): Printed;
};

export type Table = { readonly [name: string]: Keyword<unknown> };

export type ValueOf<K> = K extends Keyword<infer V> ? V : never;

/** What a keyword may add to its phrase. */
export type Manner<V> = {
  /** What an absent keyword means; `Settings.value` answers it. */
  readonly fallback?: V;
  /** The same in words, where it is no constant: "the host name". */
  readonly defaultText?: string;
  readonly repeats?: Repetition;
};

/** A value of the type of the keyword, for `Settings.value`. */
export type WithFallback<V> = { readonly fallback: V };

export function setting<V>(
  documentation: Sentence,
  phrase: Phrase<V>,
  manner: Manner<NoInfer<V>> & WithFallback<NoInfer<V>>,
): Keyword<V> & WithFallback<V>;
export function setting<V>(
  documentation: Sentence,
  phrase: Phrase<V>,
  manner?: Manner<NoInfer<V>>,
): Keyword<V>;
/** A keyword with words behind it and no block. */
export function setting<V>(
  documentation: Sentence,
  phrase: Phrase<V>,
  manner: Manner<NoInfer<V>> = {},
): Keyword<V> {
  return {
    ...common(documentation, manner, phrase),
    read: (statement, report) =>
      hasNoBlock(statement, report) ? readPhrase(phrase, statement, report) : undefined,
    write: (name, value) => ({ words: [name, ...phrase.write(value)], block: null }),
  };
}

/** Present or not; what stands behind it is ignored. */
export function flag(documentation: Sentence): Keyword<true> & WithFallback<false> {
  return {
    ...common(documentation, { defaultText: 'off' }, null),
    fallback: false,
    read: (statement, report) => {
      WordReader.ofArguments(statement, report).end();
      return hasNoBlock(statement, report) ? true : undefined;
    },
    write: (name) => ({ words: [name], block: null }),
  };
}

/** A flag and the flag that turns it off, kept under the first name: preempt and nopreempt. */
export function flagPair<const On extends string, const Off extends string>(
  on: readonly [On, Sentence],
  off: readonly [Off, Sentence],
): { readonly [K in On | Off]: Keyword<boolean> } {
  const one = (documentation: Sentence, value: boolean): Keyword<boolean> => {
    const { fallback: _, ...keyword } = flag(documentation);
    return {
      ...keyword,
      default: null,
      sameAs: on[0],
      read: (statement, report) =>
        keyword.read(statement, report) === undefined ? undefined : value,
      write: (_name, written) => ({ words: [written ? on[0] : off[0]], block: null }),
    };
  };
  const pair = { [on[0]]: one(on[1], true), [off[0]]: one(off[1], false) };
  return pair as { readonly [K in On | Off]: Keyword<boolean> };
}

/** A block whose keywords are another table: `authentication { … }`. */
export function block<T extends Table>(
  documentation: Sentence,
  table: T,
  manner: Pick<Manner<Settings<T>>, 'repeats'> = {},
): Keyword<Settings<T>> {
  return {
    ...common(documentation, manner, null),
    inside: table,
    read: (statement, report) => {
      WordReader.ofArguments(statement, report).end();
      return readTable(table, statement, report);
    },
    write: (name, value) => ({ words: [name], block: value.print() }),
  };
}

/** What a block with a name (or another phrase) in front holds. */
export type Headed<H, T extends Table> = {
  readonly head: H;
  /** The first word of the head: messages about the block as a whole point there. */
  readonly subject: Word;
  readonly settings: Settings<T>;
};

/**
 * A block with words in front of it: `vrrp_instance NAME { … }`. All of them count.
 * `mayBeBare`: without a block nothing inside it was said.
 */
export function headed<H, T extends Table>(
  documentation: Sentence,
  head: Phrase<H>,
  table: T,
  { mayBeBare = false } = {},
): Keyword<Headed<H, T>> {
  return {
    ...common(documentation, { repeats: 'all' }, head),
    inside: table,
    read: (statement, report) => {
      const value = readPhrase(head, statement, report);
      const settings =
        mayBeBare && statement.block === null
          ? decodeTable(table, [], statement.keyword.text, report)
          : readTable(table, statement, report);
      if (value === undefined || settings === undefined) return undefined;
      return { head: value, subject: statement.arguments[0] ?? statement.keyword, settings };
    },
    write: (name, { head: value, settings }) => ({
      words: [name, ...head.write(value)],
      block: settings.print(),
    }),
  };
}

/** A block with one value a line. The line's first word is not a keyword but part of the value. */
export function lines<V>(documentation: Sentence, line: Phrase<V>): Keyword<readonly Found<V>[]> {
  return {
    ...common(documentation, { repeats: 'all' }, null),
    options: line.options ?? null,
    shape: `{ ${line.shape} … }`,
    read: (statement, report) => {
      endBeforeLines(statement, report);
      return readLines(line, statement, report);
    },
    write: (name, values) => ({ words: [name], block: writeLines(line, values) }),
  };
}

export type HeadedLines<H, V> = {
  readonly head: H;
  readonly subject: Word;
  readonly lines: readonly Found<V>[];
};

/** Such a block with words in front: `local_address_group NAME { … }`. */
export function headedLines<H, V>(
  documentation: Sentence,
  head: Phrase<H>,
  line: Phrase<V>,
): Keyword<HeadedLines<H, V>> {
  return {
    ...common(documentation, { repeats: 'all' }, head),
    options: line.options ?? null,
    shape: `${head.shape} { ${line.shape} … }`,
    read: (statement, report) => {
      const value = readPhrase(head, statement, report);
      const found = readLines(line, statement, report);
      if (value === undefined || found === undefined) return undefined;
      return { head: value, subject: statement.arguments[0] ?? statement.keyword, lines: found };
    },
    write: (name, { head: value, lines: values }) => ({
      words: [name, ...head.write(value)],
      block: writeLines(line, values),
    }),
  };
}

/** Another spelling of the keyword called `sameAs`. */
export function alias<V>(keyword: Keyword<V>, sameAs: string): Keyword<V> {
  return { ...keyword, sameAs };
}

/** A spelling that keepalived has given up: it works and is warned of. */
export function obsolete<V>(keyword: Keyword<V>, replacement: string): Keyword<V> {
  return { ...keyword, sameAs: replacement, obsolete: `write "${replacement}"` };
}

/** Accepted, kept and printed; that nothing comes of it yet is said once a file. */
export function kept<K extends Keyword<unknown>>(keyword: K): K {
  return { ...keyword, isActedOn: false };
}

/**
 * Accepted, kept and printed, though it has no meaning here. `replacement` says what takes its
 * place: "workers steer in software; nothing to set."
 */
export function replacedBy<K extends Keyword<unknown>>(keyword: K, replacement: Sentence): K {
  return { ...keyword, isActedOn: false, replacement };
}

/** `kept` for every keyword of a table but those that are acted on. */
export function keptTable<const T extends Table>(
  table: T,
  ...actedOn: readonly (keyof T & string)[]
): T {
  const isActedOn = new Set<string>(actedOn);
  const entries = Object.entries(table);
  return Object.fromEntries(
    entries.map(([name, one]) => [name, isActedOn.has(name) ? one : kept(one)]),
  ) as T;
}

export function decodeTable<T extends Table>(
  table: T,
  statements: Iterable<Statement>,
  where: string,
  report: Report,
): Settings<T> {
  const settings = new Settings(table);
  for (const statement of statements) {
    const { text, position } = statement.keyword;
    const keyword = Object.hasOwn(table, text) ? table[text] : undefined;
    if (keyword === undefined) {
      reportUnknown(statement.keyword, Object.keys(table), where, report);
      continue;
    }
    if (keyword.obsolete !== undefined) {
      const message = `"${text}" is an obsolete keyword; ${keyword.obsolete}`;
      report.warning('config.obsolete_keyword', position, message);
    }
    const name = keyword.sameAs ?? text;
    const value = readKeyword(keyword, statement, where, report);
    settings.add(name, value, position, report);
  }
  return settings;
}

function readKeyword(
  keyword: Keyword<unknown>,
  statement: Statement,
  where: string,
  report: Report,
): unknown {
  if (keyword.isActedOn) return keyword.read(statement, report);
  const { text, position } = statement.keyword;
  const what = where.startsWith('the root') ? text : `${where} ${text}`;
  if (keyword.replacement === undefined) report.notActedOn(what, position);
  else report.replaced(what, position, keyword.replacement);
  return report.withoutNotActedOn(() => keyword.read(statement, report));
}

export function reportUnknown(
  word: Word,
  known: readonly string[],
  where: string,
  report: Report,
): void {
  const near = nearest(word.text, known);
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  const message = `unknown keyword "${word.text}" in ${where}${hint}`;
  report.error('config.unknown_keyword', word.position, message);
}

/** Braces where none belong would take what is inside out of sight. */
export function hasNoBlock({ keyword, block: inside }: Statement, report: Report): boolean {
  if (inside === null) return true;
  const message = `${keyword.text} takes no block; remove the braces`;
  report.error('config.unexpected_block', keyword.position, message);
  return false;
}

/** The statements of the block, or undefined when there is none. */
export function blockOf(statement: Statement, report: Report): readonly Statement[] | undefined {
  if (statement.block !== null) return statement.block;
  const { text, position } = statement.keyword;
  report.error('config.missing_block', position, `${text} needs a block: ${text} { … }`);
  return undefined;
}

export function readPhrase<V>(
  phrase: Phrase<V>,
  statement: Statement,
  report: Report,
): V | undefined {
  const words = WordReader.ofArguments(statement, report);
  const value = phrase.read(words);
  if (value !== undefined) words.end();
  return value;
}

function readTable<T extends Table>(
  table: T,
  statement: Statement,
  report: Report,
): Settings<T> | undefined {
  const statements = blockOf(statement, report);
  return statements && decodeTable(table, statements, statement.keyword.text, report);
}

function readLines<V>(
  line: Phrase<V>,
  statement: Statement,
  report: Report,
): readonly Found<V>[] | undefined {
  const statements = blockOf(statement, report);
  const found = statements?.flatMap((one) => {
    if (!hasNoBlock(one, report)) return [];
    const words = WordReader.ofLine(statement.keyword.text, one, report);
    const value = line.read(words);
    if (value === undefined) return [];
    words.end();
    return [{ value, position: one.keyword.position }];
  });
  // A block of which nothing could be read is wrong, not empty.
  return statements?.length !== 0 && found?.length === 0 ? undefined : found;
}

/** Words between the keyword and its lines fail a test of keepalived, unlike other extra words. */
function endBeforeLines({ keyword, arguments: [extra] }: Statement, report: Report): void {
  if (extra === undefined) return;
  const message = `"${extra.text}" after ${keyword.text} has no meaning; remove it`;
  report.warning('config.extra_word', extra.position, message);
}

function writeLines<V>(line: Phrase<V>, values: readonly Found<V>[]): readonly Printed[] {
  return values.map(({ value }) => ({ words: line.write(value), block: null }));
}

type Common = Pick<
  Keyword<unknown>,
  'documentation' | 'phrase' | 'shape' | 'default' | 'repeats' | 'isActedOn' | 'inside' | 'options'
>;

function common<V>(
  documentation: Sentence,
  manner: Manner<V>,
  phrase: Phrase<V> | Phrase<unknown> | null,
): Common & Partial<WithFallback<V>> {
  const { fallback } = manner;
  const shown = fallback === undefined ? null : (phrase?.write(fallback).join(' ') ?? null);
  return {
    documentation,
    phrase,
    shape: phrase?.shape ?? '',
    default: manner.defaultText ?? shown,
    repeats: manner.repeats ?? 'last',
    isActedOn: true,
    inside: null,
    options: phrase?.options ?? null,
    ...(fallback === undefined ? {} : { fallback }),
  };
}
