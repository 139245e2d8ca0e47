// How strictly keepalived counts the words behind a keyword. Mostly it ends at once where one is
// missing and ignores those that are too many; some keywords are treated otherwise.
import type { Phrase } from './phrases.js';

/** Without its argument the keyword is left out, and keepalived goes on. */
export function needed<T>(phrase: Phrase<T>): Phrase<T> {
  return {
    ...phrase,
    read: (words) => {
      if (words.peek() !== undefined) return phrase.read(words);
      const { text, position } = words.subject;
      const message = `${text} is missing its argument: ${phrase.shape}`;
      words.report.error('config.missing_argument', position, message);
      return undefined;
    },
  };
}

/** With a word too many the keyword is left out. */
export function exactly<T>(phrase: Phrase<T>): Phrase<T> {
  return {
    ...phrase,
    read: (words) => {
      const value = phrase.read(words);
      const extra = words.peek();
      if (value === undefined || extra === undefined) return value;
      const message = `"${extra.text}" is one word too many: ${words.subject.text} ${phrase.shape}`;
      words.report.error('config.extra_word', extra.position, message);
      return undefined;
    },
  };
}
