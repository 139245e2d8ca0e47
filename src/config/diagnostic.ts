// What is wrong with a configuration, where, and what to do: one line each.
import type { Position } from '../../grammar/syntax-tree.js';

/** A notice says that a keyword is accepted but not acted on; it changes no exit code. */
export type Severity = 'error' | 'warning' | 'notice';

export type Diagnostic = Position & {
  readonly severity: Severity;
  /** Stable name of the complaint, e.g. "config.unknown_keyword". */
  readonly code: `config.${string}`;
  readonly message: string;
};

/** Bounds the report of a file that is wrong as a whole. */
const diagnosticsMax = 1000;

/** Collects everything that one reading of a file has to say. */
export class Report {
  readonly #diagnostics: Diagnostic[] = [];

  error(code: Diagnostic['code'], position: Position, message: string): void {
    this.#add('error', code, position, message);
  }

  warning(code: Diagnostic['code'], position: Position, message: string): void {
    this.#add('warning', code, position, message);
  }

  notice(code: Diagnostic['code'], position: Position, message: string): void {
    this.#add('notice', code, position, message);
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some(({ severity }) => severity === 'error');
  }

  /** In the order of the text, file by file as they were met. */
  get diagnostics(): readonly Diagnostic[] {
    const files = [...new Set(this.#diagnostics.map(({ file }) => file))];
    return this.#diagnostics.toSorted(
      (left, right) =>
        files.indexOf(left.file) - files.indexOf(right.file) ||
        left.line - right.line ||
        left.column - right.column,
    );
  }

  #add(
    severity: Severity,
    code: Diagnostic['code'],
    { file, line, column }: Position,
    message: string,
  ): void {
    if (this.#diagnostics.length >= diagnosticsMax) return;
    this.#diagnostics.push({ severity, code, file, line, column, message });
  }
}

/** Line 0 is the file as a whole.  "keepalived.conf:12:5: error: unknown keyword "intreface"; did you mean "interface"?" */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, message } = diagnostic;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return `${place}: ${severity}: ${message}`;
}

/** "keepalived.conf:12", for a message about a second place. */
export function formatPlace({ file, line }: Position): string {
  return `${file}:${line}`;
}
