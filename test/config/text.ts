// Configuration files that exist only in a test.
import { err, ok, type Result } from 'neverthrow';
import { type Diagnostic, formatDiagnostic } from '../../src/config/diagnostic.js';
import type { LoadSettings } from '../../src/config/load.js';
import { type ConfigRead, readConfig } from '../../src/config/read.js';
import type { ConfigFiles } from '../../src/ports/config-files.js';

export const mainFile = '/etc/k.conf';

export const loadSettings: LoadSettings = {
  configId: 'here',
  requiresAll: false,
  random: () => 0.5,
};

/** Files by their absolute path; folders are what their names say. */
export function memoryFiles(files: Readonly<Record<string, string>>): ConfigFiles {
  const names = Object.keys(files);
  const isFolder = (path: string): boolean => names.some((name) => name.startsWith(`${path}/`));
  return {
    readText: (path) => {
      const text = files[path];
      return text === undefined ? err({ reason: 'no such file or directory' }) : ok(text);
    },
    list: (folder) => {
      const inside = names.filter((name) => name.startsWith(`${folder}/`));
      return ok([
        ...new Set(inside.map((name) => name.slice(folder.length + 1).split('/')[0] ?? '')),
      ]);
    },
    kind: (path) => {
      if (path in files) return 'file';
      return isFolder(path) ? 'directory' : 'missing';
    },
    environment: () => undefined,
  };
}

/** Reads one text, with other files for its includes. */
export function readText(
  text: string,
  others: Readonly<Record<string, string>> = {},
): Result<ConfigRead, Diagnostic> {
  const files = memoryFiles({ [mainFile]: text, ...others });
  return readConfig(mainFile, files, { ...loadSettings, routerId: 'this-host', host: null });
}

/** What is read of a text that is there. */
export function configOf(text: string, others: Readonly<Record<string, string>> = {}): ConfigRead {
  return readText(text, others)._unsafeUnwrap();
}

/** Every complaint but the notices, without the path of the main file. */
export function complaints(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  return configOf(text, others)
    .diagnostics.filter(({ severity }) => severity !== 'notice')
    .map(withoutMainFile);
}

export function notices(text: string): string[] {
  return configOf(text)
    .diagnostics.filter(({ severity }) => severity === 'notice')
    .map(withoutMainFile);
}

function withoutMainFile(diagnostic: Diagnostic): string {
  const line = formatDiagnostic(diagnostic);
  return line.startsWith(`${mainFile}:`) ? line.slice(mainFile.length + 1) : line;
}
