// A file -> Config: load, parse, decode in one call. Pure but for the `readFile` that is passed in.
import { err, ok, type Result } from 'neverthrow';
import type { Config } from './config.js';
import { decode, rootTable } from './decode.js';
import { type Diagnostic, Report } from './diagnostic.js';
import { load, type ReadFile } from './load.js';
import { parse } from './parse.js';

export type ConfigRead = {
  readonly config: Config;
  /** Warnings and notices, in the order of the text. */
  readonly warnings: readonly Diagnostic[];
};

/** The error is every diagnostic of the file, warnings included. */
export function readConfig(
  path: string,
  readFile: ReadFile,
  routerIdDefault: string,
): Result<ConfigRead, readonly Diagnostic[]> {
  const report = new Report();
  const lines = load(path, readFile, report);
  if (lines.isErr()) {
    const message = `cannot read the configuration: ${lines.error}`;
    report.error('config.unreadable', { file: path, line: 0, column: 0 }, message);
    return err(report.diagnostics);
  }
  const tree = parse(lines.value, new Set(Object.keys(rootTable)), report);
  const config = decode(tree, routerIdDefault, report);
  if (config === undefined) return err(report.diagnostics);
  return ok({ config, warnings: report.diagnostics });
}
