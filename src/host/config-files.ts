// The configuration files of this host: what the text level of the configuration asks for
// answered by the file system and the environment.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { err, ok, type Result } from 'neverthrow';
import type { ConfigFiles } from '../ports/config-files.js';

type Reason = { readonly reason: string };

export class HostConfigFiles implements ConfigFiles {
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#environment = environment;
  }

  readText(path: string): Result<string, Reason> {
    try {
      return ok(decodedText(readFileSync(path)));
    } catch (cause) {
      return err({ reason: reasonOf(cause) });
    }
  }

  list(folder: string): Result<readonly string[], Reason> {
    try {
      return ok(readdirSync(folder));
    } catch (cause) {
      return err({ reason: reasonOf(cause) });
    }
  }

  kind(path: string): 'file' | 'directory' | 'executable' | 'other' | 'missing' {
    try {
      const status = statSync(path, { throwIfNoEntry: false });
      if (status === undefined) return 'missing';
      if (status.isDirectory()) return 'directory';
      if (!status.isFile()) return 'other';
      return (status.mode & 0o111) === 0 ? 'file' : 'executable';
    } catch {
      // A folder on the way that is none, or that may not be entered.
      return 'missing';
    }
  }

  environment(name: string): string | undefined {
    return Object.hasOwn(this.#environment, name) ? this.#environment[name] : undefined;
  }
}

/**
 * UTF-8, or UTF-16 by its byte order mark, which is dropped; what is not valid UTF-8 is Latin-1,
 * so that no byte is lost.
 */
export function decodedText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}

/** "ENOENT: no such file or directory, open '/x'" -> "no such file or directory". */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/^[A-Z]+: /, '').replace(/, \w+( '.*')?$/, '');
}
