// Keywords of which keepalived only logs what is wrong with them, so that its test of a file does
// not fail: a notice here as well, and the keyword is left out.
import { Report } from './diagnostic.js';
import type { Phrase } from './phrases.js';
import { WordReader } from './word-reader.js';

export function loggedOnly<T>(phrase: Phrase<T>): Phrase<T> {
  return {
    ...phrase,
    read: (words) => {
      const inside = new Report();
      const reader = new WordReader(words.subject, words.takeAll(), words.rest, inside);
      const value = phrase.read(reader);
      for (const { code, message, ...position } of inside.diagnostics) {
        words.report.notice(code, position, `${message}; the keyword is left out`);
      }
      return value;
    },
  };
}
