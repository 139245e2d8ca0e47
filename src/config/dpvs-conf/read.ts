// dpvs.conf -> DpvsConf: the same text level and grammar as keepalived.conf, other tables. Pure but
// for the files that are passed in.
import { err, ok, type Result } from 'neverthrow';
import type { ConfigFiles } from '../../ports/config-files.js';
import { type Diagnostic, Report } from '../diagnostic.js';
import { decodeTable } from '../keywords.js';
import { type LoadSettings, load } from '../load.js';
import { parse } from '../parse.js';
import { unreadable } from '../read.js';
import { type DpvsConf, dpvsConf } from './dpvs-conf.js';
import { type DpvsRoot, dpvsConfTable, dpvsOnlyAtRoot } from './table.js';
import { withoutTags } from './tags.js';

export type DpvsConfRead = {
  /** What is acted on: without what is wrong. */
  readonly conf: DpvsConf;
  /** Everything that the file says. */
  readonly root: DpvsRoot;
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
};

/** The error: there is no file to read. */
export function readDpvsConf(
  path: string,
  files: ConfigFiles,
  settings: LoadSettings,
): Result<DpvsConfRead, Diagnostic> {
  const report = new Report();
  const lines = load(path, files, settings, report);
  if (lines.isErr()) return err(unreadable(path, lines.error));
  const tree = parse(withoutTags(lines.value, report), dpvsOnlyAtRoot, report);
  const root = decodeTable(dpvsConfTable, tree, 'the root of dpvs.conf', report);
  const conf = dpvsConf(root, report);
  return ok({ conf, root, diagnostics: report.diagnostics });
}
