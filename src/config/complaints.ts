// What loading has to say, each thing once: a line that a sequence repeats a thousand times is
// wrong only once.
import type { Position } from '../../grammar/syntax-tree.js';
import type { Diagnostic, Report, Severity } from './diagnostic.js';

/** Beyond this many different complaints the report only counts; none is kept here for that. */
const rememberedMax = 10_000;

export class Complaints {
  readonly #report: Report;
  readonly #said = new Set<string>();
  #errors = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  /** How often something was wrong, repetitions included. */
  get errors(): number {
    return this.#errors;
  }

  error(code: Diagnostic['code'], position: Position, message: string): void {
    this.#errors += 1;
    this.#say('error', code, position, message);
  }

  warning(code: Diagnostic['code'], position: Position, message: string): void {
    this.#say('warning', code, position, message);
  }

  notice(code: Diagnostic['code'], position: Position, message: string): void {
    this.#say('notice', code, position, message);
  }

  #say(severity: Severity, code: Diagnostic['code'], position: Position, message: string): void {
    const key = `${position.file}:${position.line}:${position.column}:${message}`;
    if (this.#said.has(key)) return;
    if (this.#said.size < rememberedMax) this.#said.add(key);
    this.#report[severity](code, position, message);
  }
}
