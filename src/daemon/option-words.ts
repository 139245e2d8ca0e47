// The words of the command line as getopt_long would take them: letters together, values behind "="
// or as the next word, long names shortened to what no other one begins with.
import { parseArgs } from 'node:util';
import { err, ok, type Result } from 'neverthrow';
import { optionTable } from './option-table.js';

export type OptionName = keyof typeof optionTable;

export type OptionValues = {
  readonly [K in OptionName]?: (typeof optionTable)[K]['type'] extends 'string' ? string : true;
};

export type Words = { readonly values: OptionValues; readonly positionals: readonly string[] };

/** The options whose value only "=VALUE" can give, with the name that their value gets. */
const optionalValues: Readonly<Record<string, OptionName>> = {
  'config-test': 'config-test-file',
  plan: 'plan-format',
};
const letters = new Map(
  Object.entries(optionTable).flatMap(([name, option]) =>
    'short' in option ? [[option.short as string, name as OptionName] as const] : [],
  ),
);

export function readWords(words: readonly string[]): Result<Words, string> {
  const { tokens, positionals } = parseArgs({
    args: words.flatMap(normalized),
    options: optionTable,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | true> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(optionTable, token.name)
      ? optionTable[token.name as OptionName]
      : undefined;
    if (option === undefined) return err(`Unknown option ${token.rawName}`);
    if (option.type === 'string' && token.value === undefined) {
      return err(`Missing parameter for option ${token.rawName}`);
    }
    if (option.type === 'boolean' && token.value !== undefined) {
      return err(`${token.rawName} takes no parameter, not "${token.value}"`);
    }
    values[token.name] = token.value ?? true;
  }
  return ok({ values: values as OptionValues, positionals });
}

function normalized(word: string): string[] {
  const long = /^--([^=]+)(=.*)?$/s.exec(word);
  const short = /^-([tM])=?(.+)$/s.exec(word);
  if (long !== null) {
    const name = fullName(long[1] ?? '');
    const value = long[2] ?? '';
    const second = optionalValues[name];
    if (name === 'core-dump-pattern') return ['--core-dump-pattern'];
    if (second === undefined || value === '') return [`--${name}${value}`];
    return [`--${name}`, `--${second}${value}`];
  }
  if (short === null || isCluster(word)) return [word];
  return short[1] === 'M' ? ['-M'] : ['-t', `--config-test-file=${short[2]}`];
}

/** "-tl" is two letters, "-t=l" and "-t/tmp/l" are a letter and its value. */
function isCluster(word: string): boolean {
  return [...word.slice(1)].every((letter) => letters.has(letter));
}

function fullName(written: string): string {
  if (Object.hasOwn(optionTable, written)) return written;
  const meant = Object.keys(optionTable).filter((name) => name.startsWith(written));
  const [only] = meant;
  return meant.length === 1 && only !== undefined ? only : written;
}
