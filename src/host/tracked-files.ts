// Tracked files of this machine. inotify tells at once of the folder that a file is named in; what
// it cannot see (links, mounts, folders that come later) is found by a look every second.
import { type FSWatcher, constants as fileConstants, unwatchFile, watch, watchFile } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { err, ok, type Result } from 'neverthrow';
import type { TrackedFiles } from '../ports/tracked-files.js';
import { describeCause } from './sockets.js';

/** A number, with room for what people write around it. */
const bytesMax = 64;
const lookIntervalMs = 1_000;
const fileMode = 0o644;

export class HostTrackedFiles implements TrackedFiles {
  async read(path: string): Promise<string | null> {
    try {
      // A FIFO in its place must not make us wait for somebody who writes.
      const file = await open(path, fileConstants.O_RDONLY | fileConstants.O_NONBLOCK);
      try {
        if (!(await file.stat()).isFile()) return null;
        const room = Buffer.alloc(bytesMax);
        const { bytesRead } = await file.read(room, 0, bytesMax, 0);
        return room.toString('latin1', 0, bytesRead);
      } finally {
        await file.close();
      }
    } catch {
      return null;
    }
  }

  async write(path: string, text: string, isNew: boolean): Promise<Result<void, string>> {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_EXCL, O_NONBLOCK } = fileConstants;
    try {
      const how = O_WRONLY | O_CREAT | O_NONBLOCK | (isNew ? O_EXCL : O_TRUNC);
      const file = await open(path, how, fileMode);
      try {
        await file.writeFile(text);
      } finally {
        await file.close();
      }
      return ok(undefined);
    } catch (cause) {
      const isThere = isNew && (cause as NodeJS.ErrnoException).code === 'EEXIST';
      return isThere ? ok(undefined) : err(describeCause(cause));
    }
  }

  watch(path: string, changed: () => void): () => void {
    const folder = watchFolder(path, changed);
    const look = (): void => changed();
    watchFile(path, { persistent: false, interval: lookIntervalMs }, look);
    // What changes before the first look is what later ones compare with: they would not tell.
    const again = setTimeout(look, lookIntervalMs).unref();
    return () => {
      clearTimeout(again);
      unwatchFile(path, look);
      folder?.close();
    };
  }
}

/** null: there is no such folder yet. */
function watchFolder(path: string, changed: () => void): FSWatcher | null {
  const name = basename(path);
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, which) => {
      if (which === null || which === name) changed();
    });
    // The folder went away: the look every second goes on.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
