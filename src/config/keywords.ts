// The table language: a block is a table of keywords, each with one sentence of documentation and a
// reader of its arguments. Decoding is generic: what a table says is what the language is.
import type { Position, Statement, Word } from '../../grammar/syntax-tree.js';
import { familyOf, type IpAddress, parseIpAddress } from '../net/address.js';
import { describePrefixError, type Prefix, parsePrefix } from '../net/prefix.js';
import type { Report } from './diagnostic.js';
import { nearest } from './nearest.js';

/** Reads what stands behind a keyword; undefined: it was wrong and has been reported. */
export type Reader<T> = (statement: Statement, report: Report) => T | undefined;

export type Keyword<T> = {
  /** One sentence for the reference. */
  readonly documentation: string;
  /** The arguments as the reference shows them, e.g. "1-255". */
  readonly shape: string;
  readonly read: Reader<T>;
  /** Another spelling (or the opposite) of this keyword: of all spellings the last one counts. */
  readonly sameAs?: string;
  /** As `sameAs`, for a spelling that is obsolete: it is warned of. */
  readonly obsoleteFor?: string;
};

export type Table = { readonly [name: string]: Keyword<unknown> };

export type Found<T> = { readonly value: T; readonly position: Position };

/** Every occurrence of each keyword, in the order of the text. */
export type Decoded<T extends Table> = {
  readonly [K in keyof T]: readonly Found<T[K] extends Keyword<infer V> ? V : never>[];
} & {
  /** What the text has, right or wrong: a wrong one is not missing as well. */
  readonly tried: ReadonlySet<string>;
};

export function decodeTable<T extends Table>(
  table: T,
  statements: readonly Statement[],
  where: string,
  report: Report,
): Decoded<T> {
  const found = new Map<string, Found<unknown>[]>(Object.keys(table).map((name) => [name, []]));
  for (const statement of statements) {
    const { text, position } = statement.keyword;
    const keyword = Object.hasOwn(table, text) ? table[text] : undefined;
    if (keyword === undefined) {
      reportUnknown(statement.keyword, Object.keys(table), where, report);
      continue;
    }
    if (keyword.obsoleteFor !== undefined) {
      const message = `"${text}" is an obsolete spelling; write "${keyword.obsoleteFor}"`;
      report.warning('config.obsolete_keyword', position, message);
    }
    const value = keyword.read(statement, report);
    const name = keyword.obsoleteFor ?? keyword.sameAs ?? text;
    if (value !== undefined) found.get(name)?.push({ value, position });
  }
  const tried = new Set(statements.map(({ keyword }) => keyword.text));
  return { ...Object.fromEntries(found), tried } as unknown as Decoded<T>;
}

/** A repeated keyword: the last one counts, as keepalived has it. */
export function last<T, D>(found: readonly Found<T>[], fallback: D): T | D {
  const final = found.at(-1);
  return final === undefined ? fallback : final.value;
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

export function describe<T>(documentation: string, shape: string, read: Reader<T>): Keyword<T> {
  return { documentation, shape, read };
}

// Readers of one argument. `shape` is what the sentence about a wrong one asks for.

function argument<T>(shape: string, convert: (text: string) => T | undefined): Reader<T> {
  return (statement, report) => {
    const word = oneWord(statement, shape, report);
    if (word === null) return undefined;
    const value = convert(word.text);
    if (value === undefined) {
      const message = `"${word.text}" is not what ${statement.keyword.text} takes: ${shape}`;
      report.error('config.bad_argument', word.position, message);
    }
    return value;
  };
}

export function oneWord(statement: Statement, shape: string, report: Report): Word | null {
  const { keyword, arguments: words } = statement;
  const [word] = words;
  if (!hasNoBlock(statement, report)) return null;
  if (word === undefined) {
    const message = `${keyword.text} is missing its argument: ${shape}`;
    report.error('config.missing_argument', keyword.position, message);
    return null;
  }
  warnExtraWords(statement, 1, report);
  return word;
}

/** keepalived ignores words behind the arguments silently; we say so. */
export function warnExtraWords(
  { keyword, arguments: words }: Statement,
  wordsMax: number,
  report: Report,
): void {
  const extra = words[wordsMax];
  if (extra === undefined) return;
  const message = `"${extra.text}" after ${keyword.text} has no meaning and is ignored`;
  report.warning('config.extra_word', extra.position, message);
}

/** Braces where none belong would take what is inside out of sight. */
export function hasNoBlock({ keyword, block }: Statement, report: Report): boolean {
  if (block === null) return true;
  const message = `${keyword.text} takes no block; remove the braces`;
  report.error('config.unexpected_block', keyword.position, message);
  return false;
}

export function integer(documentation: string, min: number, max: number): Keyword<number> {
  const shape = `a whole number, ${min}-${max}`;
  return describe(documentation, `${min}-${max}`, argument(shape, integerIn(min, max)));
}

export function integerIn(min: number, max: number): (text: string) => number | undefined {
  return (text) => {
    const value = Number(text);
    return /^[0-9]{1,10}$/.test(text) && value >= min && value <= max ? value : undefined;
  };
}

/** Decimal seconds, decoded to milliseconds (microseconds as a fraction). */
export function seconds(documentation: string, min: number, max: number): Keyword<number> {
  const shape = `seconds, ${min}-${max}, decimals allowed`;
  return describe(
    documentation,
    `seconds ${min}-${max}`,
    argument(shape, (text) => {
      const value = Number(text);
      if (!/^[0-9]{1,10}(\.[0-9]{1,6})?$/.test(text) || value < min || value > max)
        return undefined;
      return Math.round(value * 1e6) / 1e3;
    }),
  );
}

export function word(documentation: string, shape: string): Keyword<string> {
  return describe(
    documentation,
    shape,
    argument(shape, (text) => text || undefined),
  );
}

export function choice<const T extends string>(
  documentation: string,
  ...choices: readonly T[]
): Keyword<T> {
  return oneOf(documentation, choices, (text) => text);
}

/** Like `choice` of upper-case words, whatever the case that they are written in. */
export function caselessChoice<const T extends string>(
  documentation: string,
  ...choices: readonly T[]
): Keyword<T> {
  return oneOf(documentation, choices, (text) => text.toUpperCase());
}

function oneOf<T extends string>(
  documentation: string,
  choices: readonly T[],
  normalized: (text: string) => string,
): Keyword<T> {
  const convert = (text: string): T | undefined =>
    choices.find((choice) => choice === normalized(text));
  return describe(documentation, choices.join('|'), argument(choices.join(' or '), convert));
}

export function onOff(documentation: string): Keyword<boolean> {
  const values: Readonly<Record<string, boolean>> = {
    on: true,
    true: true,
    yes: true,
    off: false,
    false: false,
    no: false,
  };
  const convert = (text: string): boolean | undefined => {
    const name = text.toLowerCase();
    return Object.hasOwn(values, name) ? values[name] : undefined;
  };
  return describe(documentation, 'on|off', argument('on or off', convert));
}

export function address(documentation: string): Keyword<IpAddress> {
  return describe(documentation, 'ADDRESS', argument('an IP address', parseAddress));
}

export function parseAddress(text: string): IpAddress | undefined {
  const parsed = parseIpAddress(text);
  return parsed.isOk() ? parsed.value : undefined;
}

/** Present or not; keepalived ignores words behind a flag, we say so. */
export function flag(documentation: string): Keyword<boolean> {
  return describe(documentation, '', (statement, report) => {
    warnExtraWords(statement, 0, report);
    return hasNoBlock(statement, report) ? true : undefined;
  });
}

/** The flag that turns another one off. */
export function opposite(documentation: string, sameAs: string): Keyword<boolean> {
  const { read, ...keyword } = flag(documentation);
  return {
    ...keyword,
    sameAs,
    read: (...seen) => (read(...seen) === undefined ? undefined : false),
  };
}

/** Accepted so that the file works, and said once that nothing comes of it. */
export function notActedOn(documentation: string): Keyword<true> {
  return describe(documentation, '…', ({ keyword }, report) => {
    const message = `"${keyword.text}" is accepted but not acted on`;
    report.notice('config.not_acted_on', keyword.position, message);
    return true;
  });
}

/** The statements of a block with up to `wordsMax` arguments, or undefined when there is none. */
export function blockOf(
  statement: Statement,
  report: Report,
  wordsMax = 0,
): readonly Statement[] | undefined {
  warnExtraWords(statement, wordsMax, report);
  if (statement.block !== null) return statement.block;
  const { text, position } = statement.keyword;
  report.error('config.missing_block', position, `${text} needs a block: ${text} { … }`);
  return undefined;
}

/** A block whose keywords are another table. */
export function block<T extends Table>(documentation: string, table: T): Keyword<Decoded<T>> {
  return describe(documentation, '{ … }', (statement, report) => {
    const statements = blockOf(statement, report);
    return statements && decodeTable(table, statements, statement.keyword.text, report);
  });
}

/** A block with one value a line. The line's first word is not a keyword but the value itself. */
export function entries<T>(
  documentation: string,
  read: (words: readonly [Word, ...Word[]], report: Report) => T | undefined,
): Keyword<readonly Found<T>[]> {
  return describe(documentation, '{ … }', (statement, report) =>
    blockOf(statement, report)?.flatMap((line) => {
      if (!hasNoBlock(line, report)) return [];
      const value = read([line.keyword, ...line.arguments], report);
      return value === undefined ? [] : [{ value, position: line.keyword.position }];
    }),
  );
}

/** Says so at the word when the address is not one that VRRPv2 and the data plane can carry. */
export function checkIpv4(address: IpAddress, { position }: Word, report: Report): void {
  if (familyOf(address) === 'ipv4') return;
  const message = `${address}: VRRPv2 and the data plane support only IPv4 so far`;
  report.error('config.unsupported_family', position, message);
}

/** A prefix, or an error at the word. */
export function prefixAt(word: Word, report: Report): Prefix | undefined {
  const prefix = parsePrefix(word.text);
  if (prefix.isOk()) return prefix.value;
  report.error('config.bad_argument', word.position, describePrefixError(prefix.error));
  return undefined;
}
