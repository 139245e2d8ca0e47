// Files -> one sequence of lines, each knowing where it stands: includes, conditional lines,
// definitions and sequences are done here, so that the parser sees only what remains.
import { err, ok, type Result } from 'neverthrow';
import type { ConfigFiles } from '../ports/config-files.js';
import { Complaints } from './complaints.js';
import { Definitions, OpenDefinition } from './definitions.js';
import type { Report } from './diagnostic.js';
import { type Expansion, expandLine, innerLine } from './expansion.js';
import { glob } from './glob.js';
import {
  allIncludeChecks,
  fileObstacle,
  type IncludeChecks,
  type IncludeLine,
  includeCheckLine,
  includedPaths,
  includeLine,
  noIncludeChecks,
} from './include.js';
import { type SourceLine, SourceLines } from './source-lines.js';
import { lineLengthMax } from './substitute.js';
import { textLines } from './text-lines.js';

export type { SourceLine } from './source-lines.js';

export type LoadSettings = {
  /** -i; the host name up to the first dot by default. */
  readonly configId: string;
  /** -e: every include must be satisfied. */
  readonly requiresAll: boolean;
  /** 0 <= x < 1; seeds ${_RANDOM}. */
  readonly random: () => number;
};

const includeDepthMax = 16;
const filesMax = 10_000;
/** keepalived cuts a line here; we do not. */
const keepalivedLineLengthMax = 1023;

/**
 * `path` may be a pattern: its files are read in order. The error is the reason why none can be
 * read at all; what is wrong inside goes to `report`.
 */
export function load(
  path: string,
  files: ConfigFiles,
  settings: LoadSettings,
  report: Report,
): Result<readonly SourceLine[], string> {
  const found = mainFiles(path, files);
  if (found.isErr()) return err(found.error);
  const loader = new Loader(files, settings, report);
  const skipped: { readonly file: string; readonly reason: string }[] = [];
  for (const file of found.value) {
    const reason = loader.readMain(file);
    if (reason !== null) skipped.push({ file, reason });
  }
  const [first] = skipped;
  if (first !== undefined && skipped.length === found.value.length) return err(first.reason);
  const filesRead = found.value.length - skipped.length;
  if (filesRead > 1) {
    const position = { file: path, line: 0, column: 0 };
    const message = `this names ${filesRead} files, which are read one after the other`;
    report.warning('config.several_files', position, message);
  }
  for (const { file, reason } of skipped) {
    const position = { file, line: 0, column: 0 };
    report.notice('config.include_skipped', position, `${reason}; this file is not read`);
  }
  return ok(loader.lines);
}

/** A name that is there as it stands is no pattern. */
function mainFiles(path: string, files: ConfigFiles): Result<readonly string[], string> {
  if (files.kind(path) !== 'missing') return ok([path]);
  const matches = glob('', path, files);
  if (matches === null) return err('the pattern names too many files');
  const paths = matches.flatMap((match) => match.paths);
  if (paths.length > 0) return ok(paths);
  if (matches.some(({ hasWildcard }) => hasWildcard)) return err('no file matches');
  const text = files.readText(path);
  return err(text.isErr() ? text.error.reason : 'no such file or directory');
}

/** The file that is being read. */
type Reading = {
  /** With everything that includes it, outermost first. */
  readonly chain: readonly string[];
  checks: IncludeChecks;
};

class Loader {
  readonly #files: ConfigFiles;
  readonly #settings: LoadSettings;
  readonly #complaints: Complaints;
  readonly #output: SourceLines;
  readonly #definitions = new Definitions();
  #filesRead = 0;

  constructor(files: ConfigFiles, settings: LoadSettings, report: Report) {
    this.#files = files;
    this.#settings = settings;
    this.#complaints = new Complaints(report);
    this.#output = new SourceLines(this.#complaints);
  }

  get lines(): readonly SourceLine[] {
    return this.#output.lines;
  }

  /** null: it was read; else why not. */
  readMain(path: string): string | null {
    const obstacle = fileObstacle(path, this.#files);
    if (obstacle !== null) return obstacle;
    const text = this.#files.readText(path);
    if (text.isErr()) return text.error.reason;
    this.#filesRead += 1;
    const checks = this.#settings.requiresAll ? allIncludeChecks : noIncludeChecks;
    this.#readText(text.value, { chain: [path], checks });
    return null;
  }

  #readText(text: string, reading: Reading): void {
    const file = reading.chain.at(-1) ?? '';
    const expansion = this.#expansionIn(reading);
    const isSpecial = specialLines(text);
    const hasNul = text.includes('\0');
    let open: OpenDefinition | null = null;
    let line = 0;
    for (const raw of textLines(text)) {
      line += 1;
      if (this.#output.isFull) return;
      if (
        (raw.length > keepalivedLineLengthMax || hasNul) &&
        !this.#isUsable({ file, line, text: raw, column: null })
      ) {
        continue;
      }
      if (open !== null) {
        if (open.append(raw)) continue;
        open.close(this.#definitions);
        open = null;
      } else if (!isSpecial(raw)) {
        this.#output.push({ file, line, text: raw, column: null });
      } else {
        open = OpenDefinition.begin(raw, this.#settings.configId);
        if (open === null) expandLine(file, line, raw, expansion);
      }
    }
    open?.close(this.#definitions);
  }

  /** False: it is left out. */
  #isUsable({ file, line, text, column }: SourceLine): boolean {
    const position = { file, line, column: column ?? 1 };
    if (text.includes('\0')) {
      const message = 'the line has a NUL character and is left out; is this a text file?';
      this.#complaints.error('config.nul', position, message);
      return false;
    }
    if (text.length > lineLengthMax) {
      const message = `a line of more than ${lineLengthMax} characters is left out; split it`;
      this.#complaints.error('config.too_long', position, message);
      return false;
    }
    if (text.length > keepalivedLineLengthMax) {
      const message = `keepalived cuts a line at ${keepalivedLineLengthMax} characters; split it`;
      this.#complaints.warning('config.long_line', position, message);
    }
    return true;
  }

  #expansionIn(reading: Reading): Expansion {
    return {
      configId: this.#settings.configId,
      random: this.#settings.random,
      environment: (name) => this.#files.environment(name),
      definitions: this.#definitions,
      complaints: this.#complaints,
      output: this.#output,
      emit: (line, code) => this.#take(line, code, reading),
    };
  }

  /** A line with everything replaced: it may still be an include. */
  #take(line: SourceLine, code: string, reading: Reading): void {
    const isLong = line.text.length > keepalivedLineLengthMax;
    if (isLong && line.column !== null && !this.#isUsable(line)) return;
    const include = includeLine(code, reading.checks);
    if (include !== null) {
      this.#include(include, line, reading);
      return;
    }
    const checks = includeCheckLine(code, reading.checks);
    if (checks !== null && !this.#settings.requiresAll) reading.checks = checks;
    this.#output.push(line);
  }

  #include(include: IncludeLine, { file, line, text, column }: SourceLine, reading: Reading): void {
    const position = { file, line, column: column ?? text.indexOf('include') + 1 };
    const { checks } = include;
    for (const path of includedPaths(include, position, this.#files, this.#complaints)) {
      this.#filesRead += 1;
      // Files that include others many times over: said once, then nothing more is read.
      if (this.#filesRead > filesMax + 1 || this.#output.isFull) return;
      const obstacle =
        this.#filesRead > filesMax
          ? `more than ${filesMax} files are included; the rest is not read`
          : obstacleOf(path, reading.chain);
      if (obstacle !== null) {
        this.#complaints.error('config.include', position, obstacle);
        continue;
      }
      const included = this.#files.readText(path);
      if (included.isOk()) {
        const chain = [...reading.chain, path];
        this.#readText(included.value, { chain, checks: reading.checks });
        continue;
      }
      const code = checks.has('read') ? 'config.include_required' : 'config.include';
      const message = `cannot read ${path}: ${included.error.reason}`;
      this.#complaints.error(code, position, message);
    }
  }
}

function obstacleOf(path: string, chain: readonly string[]): string | null {
  if (chain.includes(path)) return `${path} includes itself (${[...chain, path].join(' -> ')})`;
  const isTooDeep = chain.length >= includeDepthMax;
  return isTooDeep ? `includes are nested more than ${includeDepthMax} deep` : null;
}

/** The one test that each of a million plain lines has to pass. */
function specialLines(text: string): (line: string) => boolean {
  const hasDollar = text.includes('$');
  const hasInnerLine = innerLine.test(text);
  return (line) => {
    let at = 0;
    let code = line.charCodeAt(0);
    while (code === 0x20 || code === 0x09) {
      at += 1;
      code = line.charCodeAt(at);
    }
    // In order: @ ~ $ i # !
    if (code === 0x40 || code === 0x7e || code === 0x24) return true;
    if (code === 0x69 && line.startsWith('include', at)) return true;
    if (code === 0x23 || code === 0x21) return false;
    return (hasDollar && line.includes('$')) || (hasInnerLine && innerLine.test(line));
  };
}
