// What the text level of the configuration asks of the world: the files that it names, and the
// environment.
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
