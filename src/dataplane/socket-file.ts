// The socket's place in the file system: made 0600 in a 0700 directory, taken over from a dead
// process, never from a living one.
import { lstat, mkdir, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { err, ok, type Result } from 'neverthrow';
import type { Clock } from '../ports/clock.js';
import { LineSplitter } from './lines.js';
import { answerBytesMax, decodeHello } from './protocol.js';

/** sockaddr_un.sun_path holds 108 bytes with its terminator. */
const pathBytesMax = 107;
const helloTimeoutMs = 1000;

export type SocketFileError =
  | { readonly type: 'socket_file.taken'; readonly path: string; readonly pid: number | null }
  | { readonly type: 'socket_file.path_too_long'; readonly path: string }
  | { readonly type: 'socket_file.failed'; readonly path: string; readonly reason: string };

export function describeSocketFileError(error: SocketFileError): string {
  switch (error.type) {
    case 'socket_file.taken': {
      const pid = error.pid === null ? '' : ` (pid ${error.pid})`;
      return `another data plane already serves ${error.path}${pid}`;
    }
    case 'socket_file.path_too_long':
      return (
        `the socket path ${error.path} is longer than ${pathBytesMax} bytes: ` +
        'choose a shorter --runtime-dir'
      );
    case 'socket_file.failed':
      return `cannot serve at ${error.path}: ${error.reason}`;
  }
}

/** Afterwards the path is free, and its directory exists. */
export async function clearSocketFile(
  path: string,
  clock: Clock,
): Promise<Result<void, SocketFileError>> {
  if (Buffer.byteLength(path) > pathBytesMax) {
    return err({ type: 'socket_file.path_too_long', path });
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const found = await lstat(path).catch(() => null);
    if (found === null) return ok();
    if (!found.isSocket()) {
      const reason = 'a file that is no socket is in the way';
      return err({ type: 'socket_file.failed', path, reason });
    }
    const occupant = await occupantOf(path, clock);
    if (occupant !== null) return err({ type: 'socket_file.taken', path, pid: occupant.pid });
    await unlink(path);
    return ok();
  } catch (error) {
    return err({ type: 'socket_file.failed', path, reason: reasonOf(error) });
  }
}

export function listenAt(server: Server, path: string): Promise<Result<void, SocketFileError>> {
  return new Promise((resolve) => {
    const failed = (error: Error): void =>
      resolve(err({ type: 'socket_file.failed', path, reason: reasonOf(error) }));
    const listening = (): void => resolve(ok());
    server.once('error', failed);
    // bind() happens inside listen(), so the socket never exists with a wider mode.
    const umask = process.umask(0o177);
    server.listen(path, () => {
      server.off('error', failed);
      listening();
    });
    process.umask(umask);
  });
}

/** What went wrong, in the system's words: "permission denied" rather than "EACCES". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return reasons[code] ?? error.message;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  ECONNREFUSED: 'connection refused',
  EADDRINUSE: 'the path is in use',
  EROFS: 'read-only file system',
  EPIPE: 'it went away',
  ECONNRESET: 'it went away',
};

/** null: nobody listens there any more. A listener that does not say hello has no known pid. */
function occupantOf(path: string, clock: Clock): Promise<{ pid: number | null } | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const lines = new LineSplitter(answerBytesMax);
    const finish = (occupant: { pid: number | null } | null): void => {
      timer.cancel();
      socket.destroy();
      resolve(occupant);
    };
    const timer = clock.setTimer(helloTimeoutMs, () => finish({ pid: null }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      finish(error.code === 'ECONNREFUSED' ? null : { pid: null });
    });
    socket.on('data', (chunk) => {
      const first = lines.push(chunk).unwrapOr([])[0];
      if (first === undefined) return;
      const hello = decodeHello(first);
      finish({ pid: hello.isOk() ? hello.value.pid : null });
    });
    socket.on('end', () => finish({ pid: null }));
  });
}
