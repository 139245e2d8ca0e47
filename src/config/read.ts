// A file -> Config: load, parse, decode in one call. Pure but for the files that are passed in.
import { err, ok, type Result } from 'neverthrow';
import type { ConfigFiles } from '../ports/config-files.js';
import type { HostView } from '../ports/host-view.js';
import type { Expressions } from '../ports/regex.js';
import type { Config } from './config.js';
import { decode } from './decode.js';
import { type Diagnostic, Report } from './diagnostic.js';
import { checkExpressions } from './expression-checks.js';
import { checkInterfaces } from './interface-checks.js';
import { checkKeys } from './key-checks.js';
import { type LoadSettings, load } from './load.js';
import { parse } from './parse.js';
import { onlyAtRoot, type Root } from './root-table.js';
import { checkScripts } from './script-checks.js';

export type ReadSettings = LoadSettings & {
  readonly routerId: string;
  /** The machine that the file is for; null: it is not looked at. */
  readonly host: HostView | null;
  /** Reads regular expressions; without: only what is wrong with them at first sight is told. */
  readonly expressions?: Expressions;
};

export type ConfigRead = {
  /** What is acted on: without what is wrong. */
  readonly config: Config;
  /** Everything that the file says. */
  readonly root: Root;
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
};

/** The error: there is no file to read. */
export function readConfig(
  path: string,
  files: ConfigFiles,
  settings: ReadSettings,
): Result<ConfigRead, Diagnostic> {
  const report = new Report();
  const lines = load(path, files, settings, report);
  if (lines.isErr()) return err(unreadable(path, lines.error));
  const tree = parse(lines.value, onlyAtRoot, report);
  const { root, config } = decode(tree, { ...settings, files }, report);
  if (settings.host !== null) {
    checkInterfaces(root, config, settings.host, report);
    checkScripts(root, settings.host, report);
    checkKeys(root, settings.host, report);
  }
  if (settings.expressions !== undefined) checkExpressions(root, settings.expressions, report);
  return ok({ config, root, diagnostics: report.diagnostics });
}

export function unreadable(path: string, reason: string): Diagnostic {
  const message = `cannot read the configuration: ${reason}`;
  const code = 'config.unreadable';
  return { severity: 'fatal', code, file: path, line: 0, column: 0, message };
}
