// Include files -> one sequence of lines, each knowing where it stands. `include PATH` may stand on
// any line; a relative path is relative to the including file's folder.
import { err, ok, type Result } from 'neverthrow';
import type { Position } from '../../grammar/syntax-tree.js';
import type { Report } from './diagnostic.js';

export type SourceLine = {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly column: number | null;
};
export interface ConfigFiles {
  readText(path: string): Result<string, { readonly reason: string }>;
  list(folder: string): Result<readonly string[], { readonly reason: string }>;
  kind(path: string): 'file' | 'directory' | 'executable' | 'other' | 'missing';
  environment(name: string): string | undefined;
}
export type LoadSettings = {
  readonly configId: string;
  readonly requiresAll: boolean;
  readonly random: () => number;
};

const includeDepthMax = 16;
const filesMax = 10_000;
const linesMax = 4_000_000;

/**
 * The error is the reason why the main file cannot be read; what is wrong inside goes to `report`.
 */
export function load(
  path: string,
  files: ConfigFiles,
  _settings: LoadSettings,
  report: Report,
): Result<readonly SourceLine[], string> {
  const text = files.readText(path);
  if (text.isErr()) return err(text.error.reason);
  const lines: SourceLine[] = [];
  appendFile(text.value, [path], { lines, files, report, filesRead: 1 });
  return ok(lines);
}

type Loading = {
  readonly lines: SourceLine[];
  readonly files: ConfigFiles;
  readonly report: Report;
  filesRead: number;
};

/** A name may be quoted; a comment may follow it, also glued. */
const includeLine = /^\s*include[ \t]+(?:"([^"]*)"|([^\s"#!]+))/;

/** `chain` is the file with everything that includes it, outermost first. */
function appendFile(text: string, chain: readonly string[], loading: Loading): void {
  const file = chain.at(-1) ?? '';
  for (const [index, raw] of withoutByteOrderMark(text).split('\n').entries()) {
    const include = includeLine.exec(raw);
    if (include === null) {
      if (loading.lines.length === linesMax) {
        const message = `the configuration is longer than ${linesMax} lines`;
        loading.report.error('config.too_long', { file, line: index + 1, column: 1 }, message);
        return;
      }
      loading.lines.push({ file, line: index + 1, text: raw, column: null });
      continue;
    }
    const position = { file, line: index + 1, column: raw.indexOf('include') + 1 };
    appendInclude(include[1] ?? include[2] ?? '', position, chain, loading);
  }
}

function appendInclude(
  name: string,
  position: Position,
  chain: readonly string[],
  loading: Loading,
): void {
  const { files, report } = loading;
  const path = name.startsWith('/') ? name : folderOf(position.file) + name;
  loading.filesRead += 1;
  // Files that include others many times over: said once, then nothing more is read.
  if (loading.filesRead > filesMax + 1) return;
  const obstacle =
    loading.filesRead > filesMax
      ? `more than ${filesMax} files are included; the rest is not read`
      : obstacleOf(name, path, chain);
  if (obstacle !== null) {
    report.error('config.include', position, obstacle);
    return;
  }
  const text = files.readText(path);
  if (text.isOk()) appendFile(text.value, [...chain, path], loading);
  else report.error('config.include', position, `cannot read ${path}: ${text.error.reason}`);
}

function obstacleOf(name: string, path: string, chain: readonly string[]): string | null {
  if (/[*?[{]/.test(name)) {
    return `wildcards in include are not supported yet; name each file: ${name}`;
  }
  if (chain.includes(path)) return `${path} includes itself (${[...chain, path].join(' -> ')})`;
  const isTooDeep = chain.length >= includeDepthMax;
  return isTooDeep ? `includes are nested more than ${includeDepthMax} deep` : null;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
