// interim
import { readdirSync, readFileSync } from 'node:fs';
import { err, ok } from 'neverthrow';
import type { ConfigFiles } from '../config/load.js';

export const configFiles: ConfigFiles = {
  readText: (path) => {
    try {
      return ok(readFileSync(path, 'utf8'));
    } catch (cause) {
      return err({ reason: reasonOf(cause) });
    }
  },
  list: (folder) => ok(readdirSync(folder)),
  kind: () => 'file',
  environment: (name) => process.env[name],
};
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/^[A-Z]+: /, '').replace(/, \w+( '.*')?$/, '');
}
