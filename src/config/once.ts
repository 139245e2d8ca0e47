// Things that may be there once: the second one is reported, with the place of the first.
import type { Position } from '../../grammar/syntax-tree.js';
import { formatPlace, type Report, type Severity } from './diagnostic.js';

export class Once {
  readonly #first = new Map<string, Position>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** False: there is one already. */
  see(key: string, position: Position, what: string, severity: Severity = 'error'): boolean {
    const first = this.#first.get(key);
    if (first === undefined) {
      this.#first.set(key, position);
      return true;
    }
    const message = `${what} is defined already at ${formatPlace(first)}`;
    this.#report[severity]('config.duplicate', position, message);
    return false;
  }
}
