// A phrase read from the words behind a keyword called "key", and written again.
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { readPhrase } from '../../src/config/keywords.js';
import { parse } from '../../src/config/parse.js';
import type { Phrase } from '../../src/config/phrases.js';

export type PhraseRead<T> = {
  readonly value: T | undefined;
  /** Its words with single spaces; null: there is no value. */
  readonly written: string | null;
  /** "COLUMN: SEVERITY: MESSAGE" */
  readonly complaints: readonly string[];
};

export function readAs<T>(phrase: Phrase<T>, words: string): PhraseRead<T> {
  const report = new Report();
  const line = { file: 'f', line: 1, text: `key ${words}`, column: null };
  const [statement] = parse([line], new Set(), report);
  if (statement === undefined) throw new Error('assertion: a line with a word is a statement');
  const value = readPhrase(phrase, statement, report);
  return {
    value,
    written: value === undefined ? null : phrase.write(value).join(' '),
    complaints: report.diagnostics.map((one) => formatDiagnostic(one).replace('f:1:', '')),
  };
}

/** The value, when nothing was said about it. */
export function valueAs<T>(phrase: Phrase<T>, words: string): T | undefined {
  const { value, complaints } = readAs(phrase, words);
  return complaints.length === 0 ? value : undefined;
}
