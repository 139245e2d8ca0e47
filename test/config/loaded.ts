// Loads a configuration from a table of files, as tests write them: what comes out, in short.
import { err, ok } from 'neverthrow';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { type LoadSettings, load, type SourceLine } from '../../src/config/load.js';
import type { ConfigFiles, FileKind } from '../../src/ports/config-files.js';

/** Paths and texts; `null` is an executable. Folders come from the paths. */
export type Files = Readonly<Record<string, string | null>>;

export class TextFiles implements ConfigFiles {
  reads = 0;
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  readText(path: string) {
    this.reads += 1;
    const text = this.#files[path] ?? null;
    if (text === 'unreadable') return err({ reason: 'permission denied' });
    return text === null ? err({ reason: 'no such file or directory' }) : ok(text);
  }

  list(folder: string) {
    const start = folder.endsWith('/') ? folder : `${folder}/`;
    const inside = Object.keys(this.#files).filter((path) => path.startsWith(start));
    return ok([...new Set(inside.map((path) => path.slice(start.length).split('/')[0] ?? ''))]);
  }

  kind(path: string): FileKind {
    const isFolder = Object.keys(this.#files).some((file) => file.startsWith(`${path}/`));
    if (isFolder) return 'directory';
    if (!Object.hasOwn(this.#files, path)) return 'missing';
    return this.#files[path] === null ? 'executable' : 'file';
  }

  environment(name: string): string | undefined {
    return name === 'SITE' ? 'north' : undefined;
  }
}

export type Loaded = {
  readonly lines: readonly SourceLine[];
  /** Their texts. */
  readonly texts: readonly string[];
  readonly complaints: readonly string[];
  /** Codes of the complaints, with their severity. */
  readonly codes: readonly string[];
  readonly reads: number;
};

/** A text alone is /etc/k.conf; that file is the one that is loaded. */
export function loaded(from: string | Files, settings: Partial<LoadSettings> = {}): Loaded {
  const files = new TextFiles(typeof from === 'string' ? { '/etc/k.conf': from } : from);
  const report = new Report();
  const all = { configId: 'main', requiresAll: false, random: () => 0.5, ...settings };
  const lines = load('/etc/k.conf', files, all, report)._unsafeUnwrap();
  return {
    lines,
    texts: lines.map(({ text }) => text),
    complaints: report.diagnostics.map(formatDiagnostic),
    codes: report.diagnostics.map(({ severity, code }) => `${severity} ${code}`),
    reads: files.reads,
  };
}
