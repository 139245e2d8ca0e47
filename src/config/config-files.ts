// What the text level of the configuration asks of the world: the files it names, and the
// environment. src/host/config-files.ts answers for this host, tests answer from a table.
import type { Result } from 'neverthrow';

export type FileKind = 'file' | 'directory' | 'executable' | 'other' | 'missing';

export interface ConfigFiles {
  /** The decoded text; `reason` is plain words: "no such file or directory". */
  readText(path: string): Result<string, { readonly reason: string }>;
  /** The names in a folder, in any order, without "." and "..". */
  list(folder: string): Result<readonly string[], { readonly reason: string }>;
  kind(path: string): FileKind;
  environment(name: string): string | undefined;
}

/** "/etc/keelson/a.conf" -> "/etc/keelson/"; "" for a bare name. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
