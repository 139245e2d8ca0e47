// The words behind a keyword (or of one line of a value block), taken from the left. Whoever takes
// a word also says what is wrong with it.
import type { Position, Statement, Word } from '../../grammar/syntax-tree.js';
import type { Report } from './diagnostic.js';

export class WordReader {
  readonly report: Report;
  /** What messages call the thing that takes the words. */
  readonly subject: Word;
  /** The text behind the subject as it was written, for those who read it by other rules. */
  readonly rest: string;
  readonly #words: readonly Word[];
  #next = 0;

  constructor(subject: Word, words: readonly Word[], rest: string, report: Report) {
    this.subject = subject;
    this.#words = words;
    this.rest = rest;
    this.report = report;
  }

  /** The arguments of a keyword. */
  static ofArguments({ keyword, arguments: words, rest }: Statement, report: Report): WordReader {
    return new WordReader(keyword, words, rest, report);
  }

  /** A line of a value block called `name`: its first word is a value as well. */
  static ofLine(name: string, line: Statement, report: Report): WordReader {
    const { keyword, arguments: words, rest } = line;
    return new WordReader({ ...keyword, text: name }, [keyword, ...words], rest, report);
  }

  peek(): Word | undefined {
    return this.#words[this.#next];
  }

  take(): Word | undefined {
    const word = this.#words[this.#next];
    if (word !== undefined) this.#next += 1;
    return word;
  }

  /** Takes the next word if it is this one. */
  takeIf(...texts: readonly string[]): Word | undefined {
    const word = this.peek();
    return word !== undefined && texts.includes(word.text) ? this.take() : undefined;
  }

  takeAll(): readonly Word[] {
    const words = this.#words.slice(this.#next);
    this.#next = this.#words.length;
    return words;
  }

  /** Where the next word stands, or the subject when there is none. */
  get position(): Position {
    return (this.peek() ?? this.subject).position;
  }

  /** For `return words.wrong(...)`: reports, and is the undefined that a reader answers. */
  wrong(word: Word, expected: string): undefined {
    const message = `"${word.text}" is not what ${this.subject.text} takes: ${expected}`;
    this.report.error('config.bad_argument', word.position, message);
  }

  /** keepalived ends at once where a keyword lacks its argument, so this one is fatal. */
  missing(expected: string): undefined {
    const { text, position } = this.subject;
    const message = `${text} is missing its argument: ${expected}`;
    this.report.fatal('config.missing_argument', position, message);
  }

  /** keepalived ignores words behind the arguments silently; we mention them. */
  end(): void {
    const extra = this.peek();
    if (extra === undefined) return;
    const message = `"${extra.text}" after ${this.subject.text} has no meaning and is ignored`;
    this.report.notice('config.extra_word', extra.position, message);
  }
}
