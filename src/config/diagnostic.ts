// What is wrong with a configuration, where, and what to do: one line each.
import type { Position } from '../../grammar/syntax-tree.js';

/**
 * fatal: keepalived would not start with it either. error: what is wrong is left out at a start and
 * refuses a reload. warning: it works, and should be mended. notice: changes no exit code.
 */
export type Severity = 'fatal' | 'error' | 'warning' | 'notice';

export type Diagnostic = Position & {
  readonly severity: Severity;
  /** Stable name of the complaint, e.g. "config.unknown_keyword". */
  readonly code: `config.${string}`;
  readonly message: string;
};

/** Bounds the report of a file that is wrong as a whole; what is beyond is counted. */
const perSeverityMax = 1000;

type Omitted = { readonly position: Position; count: number };

/** Collects everything that one reading of a file has to say. */
export class Report {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #counts: Record<Severity, number> = { fatal: 0, error: 0, warning: 0, notice: 0 };
  readonly #notActedOn = new Set<string>();
  #isSilent = false;
  #order = 0;
  readonly #omitted = new Map<Severity, Omitted>();

  fatal(code: Diagnostic['code'], position: Position, message: string): void {
    this.#add('fatal', code, position, message);
  }

  error(code: Diagnostic['code'], position: Position, message: string): void {
    this.#add('error', code, position, message);
  }

  warning(code: Diagnostic['code'], position: Position, message: string): void {
    this.#add('warning', code, position, message);
  }

  notice(code: Diagnostic['code'], position: Position, message: string): void {
    this.#add('notice', code, position, message);
  }

  /** Said once for each `what`, however often it stands in the file. */
  notActedOn(what: string, position: Position): void {
    if (this.#isSilent || this.#notActedOn.has(what)) return;
    this.#notActedOn.add(what);
    this.notice('config.not_acted_on', position, `"${what}" is accepted but not acted on`);
  }

  /** Counts what is read: lines of different files do not tell which of them came first. */
  nextOrder(): number {
    this.#order += 1;
    return this.#order;
  }

  /** As `notActedOn`, of what has no meaning here; `replacement` is a sentence. */
  replaced(what: string, position: Position, replacement: string): void {
    if (this.#isSilent || this.#notActedOn.has(what)) return;
    this.#notActedOn.add(what);
    const message = `"${what}" has no meaning here: ${replacement.replace(/\.$/, '')}`;
    this.warning('config.replaced', position, message);
  }

  /** For the inside of a block that is not acted on: it is said of the block alone. */
  withoutNotActedOn<T>(read: () => T): T {
    const before = this.#isSilent;
    this.#isSilent = true;
    const value = read();
    this.#isSilent = before;
    return value;
  }

  /** In the order of the text, file by file as they were met; then how many are not shown. */
  get diagnostics(): readonly Diagnostic[] {
    const files = new Map<string, number>();
    for (const { file } of this.#diagnostics) if (!files.has(file)) files.set(file, files.size);
    const shown = this.#diagnostics.toSorted(
      (left, right) =>
        (files.get(left.file) ?? 0) - (files.get(right.file) ?? 0) ||
        left.line - right.line ||
        left.column - right.column,
    );
    const once = shown.filter((one, index) => !isSame(one, shown[index - 1]));
    const omitted = [...this.#omitted].map(([severity, { position, count }]): Diagnostic => {
      const message = `${count} more of this severity are not shown, the first one here`;
      return { severity, code: 'config.more', ...position, message };
    });
    return [...once, ...omitted];
  }

  #add(
    severity: Severity,
    code: Diagnostic['code'],
    { file, line, column }: Position,
    message: string,
  ): void {
    this.#counts[severity] += 1;
    if (this.#counts[severity] <= perSeverityMax) {
      this.#diagnostics.push({ severity, code, file, line, column, message });
      return;
    }
    const omitted = this.#omitted.get(severity);
    if (omitted !== undefined) omitted.count += 1;
    else this.#omitted.set(severity, { position: { file, line, column }, count: 1 });
  }
}

/** Text behind an unclosed block is read twice, and complains twice. */
function isSame(left: Diagnostic, right: Diagnostic | undefined): boolean {
  const isSamePlace =
    left.file === right?.file && left.line === right.line && left.column === right.column;
  return isSamePlace && left.message === right.message;
}

/**
 * "keepalived.conf:12:5: error: unknown keyword "intreface"; did you mean "interface"?"
 * Line 0 is the file as a whole.
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, message } = diagnostic;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return `${place}: ${severity}: ${message}`;
}

/** The log level that says it. */
export function levelOf({ severity }: Diagnostic): 'error' | 'warning' | 'notice' {
  return severity === 'fatal' ? 'error' : severity;
}

/** "keepalived.conf:12", for a message about a second place. */
export function formatPlace({ file, line }: Position): string {
  return `${file}:${line}`;
}
