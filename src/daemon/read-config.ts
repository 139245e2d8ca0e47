// The configuration file of this host, and what its errors mean for a start and for `-t`.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { err, ok, type Result } from 'neverthrow';
import { type Diagnostic, formatDiagnostic } from '../config/diagnostic.js';
import { type ConfigRead, readConfig } from '../config/read.js';

/** keepalived's exit codes (its code, not its manual). */
const exitCodes = { config: 2, testFileMissing: 4, testFailed: 5, noConfig: 6 } as const;

export type Checked = {
  /** One line per error and warning, ready to print. */
  readonly lines: readonly string[];
  /** What `-t` ends with. */
  readonly testExitCode: number;
  /** What a start ends with before anything is started; 0: it may start. */
  readonly startExitCode: number;
};

export function readHostConfig(path: string): Result<ConfigRead, readonly Diagnostic[]> {
  const readFile = (name: string): Result<string, { readonly reason: string }> => {
    try {
      return ok(readFileSync(name, 'utf8'));
    } catch (cause) {
      return err({ reason: reasonOf(cause) });
    }
  };
  return readConfig(path, readFile, hostname());
}

export function checkConfig(path: string): Checked {
  return check(readHostConfig(path));
}

/**
 * Notices ("accepted, not acted on") change no exit code; warnings fail `-t`, as keepalived's do.
 */
export function check(read: Result<ConfigRead, readonly Diagnostic[]>): Checked {
  const diagnostics = read.isOk() ? read.value.warnings : read.error;
  const lines = diagnostics.map(formatDiagnostic);
  if (read.isOk()) {
    const hasWarning = diagnostics.some(({ severity }) => severity === 'warning');
    return { lines, testExitCode: hasWarning ? exitCodes.testFailed : 0, startExitCode: 0 };
  }
  const isMissing = diagnostics.every(({ code }) => code === 'config.unreadable');
  return {
    lines,
    testExitCode: isMissing ? exitCodes.testFileMissing : exitCodes.testFailed,
    startExitCode: isMissing ? exitCodes.noConfig : exitCodes.config,
  };
}

/** "ENOENT: no such file or directory, open '/x'" -> "no such file or directory". */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/^[A-Z]+: /, '').replace(/, \w+( '.*')?$/, '');
}
