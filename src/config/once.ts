// Things that should be there once: the second is reported, and points at the first.
import type { Position } from '../../grammar/syntax-tree.js';
import { formatPlace, type Report } from './diagnostic.js';

export class Once {
  readonly #first = new Map<string, Position>();
  readonly #report: Report;
  readonly #severity: 'error' | 'notice';

  /** notice: keepalived's test of a file does not find it. */
  constructor(report: Report, severity: 'error' | 'notice' = 'error') {
    this.#report = report;
    this.#severity = severity;
  }

  /** true: it is the first of its key. */
  see(key: string, position: Position, what: string): boolean {
    const first = this.#first.get(key);
    if (first === undefined) {
      this.#first.set(key, position);
      return true;
    }
    const message = `${what} is defined already at ${formatPlace(first)}`;
    this.#report[this.#severity]('config.duplicate', position, message);
    return false;
  }
}
