// Where a program is that is called by its name.
import { accessSync, constants, lstatSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** null: no such program, or it may not be run. */
export function programPath(program: string): string | null {
  const folders = (process.env['PATH'] ?? searchPath).split(delimiter);
  const candidates = program.includes('/')
    ? [program]
    : folders.map((folder) => join(folder, program));
  return candidates.find(isProgram) ?? null;
}

/** A file that may be run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return lstatSync(realpathSync(path)).isFile();
  } catch {
    return false;
  }
}
