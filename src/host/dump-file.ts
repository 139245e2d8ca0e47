// A file that people and scripts read, written as a whole: a new file under another name that takes
// the place of the old one, so nobody sees half of it and no link that others left is followed.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { err, ok, type Result } from 'neverthrow';
import { describeCause } from './sockets.js';

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const mostPermissions = 0o666;

/** The error is a sentence with the path. */
export function writeDumpFile(path: string, text: string, umask: number): Result<void, string> {
  const own = `${path}.${randomBytes(6).toString('hex')}`;
  const mode = mostPermissions & ~umask;
  try {
    const descriptor = openSync(own, newFile, mode);
    try {
      fchmodSync(descriptor, mode);
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    renameSync(own, path);
    return ok(undefined);
  } catch (cause) {
    removeIfThere(own);
    return err(`cannot write ${path}: ${describeCause(cause)}`);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made.
  }
}
