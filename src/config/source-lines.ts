// The lines that loading produces, and how many there may be: hostile text ends in one clear
// error, not in a full memory or a hang.
import type { Position } from '../../grammar/syntax-tree.js';
import type { Complaints } from './complaints.js';

/** One line after includes, conditions, definitions and sequences; comments are still in it. */
export type SourceLine = {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /**
   * null: `text` is what stands in the file, column for column. Else it was expanded, and this
   * 1-based column is where its messages point.
   */
  readonly column: number | null;
};

export type SourceLinesBounds = {
  readonly linesMax: number;
  /** Characters that definitions and sequences may pass through, in all. */
  readonly workMax: number;
};

const boundsDefault: SourceLinesBounds = { linesMax: 4_000_000, workMax: 400_000_000 };

/** Each replacement and each round of a sequence counts for this many characters at least. */
const workPerStep = 64;

export class SourceLines {
  readonly lines: SourceLine[] = [];
  readonly #complaints: Complaints;
  readonly #linesMax: number;
  readonly #workMax: number;
  #work = 0;
  #isFull = false;

  constructor(complaints: Complaints, { linesMax, workMax } = boundsDefault) {
    this.#complaints = complaints;
    this.#linesMax = linesMax;
    this.#workMax = workMax;
  }

  /** A bound was met and reported; nothing more is to be read or produced. */
  get isFull(): boolean {
    return this.#isFull;
  }

  push(line: SourceLine): void {
    if (this.lines.length < this.#linesMax) {
      this.lines.push(line);
      return;
    }
    const message = `the configuration has more than ${this.#linesMax} lines; the rest is not read`;
    this.#fill({ file: line.file, line: line.line, column: line.column ?? 1 }, message);
  }

  /** False: too much was expanded already, which is reported here; stop. */
  spend(characters: number, position: Position): boolean {
    this.#work += characters + workPerStep;
    if (this.#work <= this.#workMax) return true;
    const message =
      'definitions and sequences expand to too much text; ' +
      'the rest is not read: make the sequences shorter';
    this.#fill(position, message);
    return false;
  }

  #fill(position: Position, message: string): void {
    if (!this.#isFull) this.#complaints.error('config.too_long', position, message);
    this.#isFull = true;
  }
}
