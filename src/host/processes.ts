// Processes and pid files of this machine. A pid file is held by a lock, which ends with its
// process: the number in it is for people and scripts, and never trusted by us.
import { spawn } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants as fileConstants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { constants as systemConstants } from 'node:os';
import { err, ok, type Result } from 'neverthrow';
import type {
  DetachedOptions,
  ProcessError,
  Processes,
  StartedProcess,
} from '../ports/processes.js';
import { describeCause, describeSocketsError, lockFile, type SocketsError } from './sockets.js';

const standardError = 2;
const errorHeldElsewhere = 11;
const pidFileMode = 0o644;
const logFileMode = 0o640;
/** Claims race only with releases, which are rare. */
const claimTriesMax = 10;

export class HostProcesses implements Processes {
  /** Descriptors of the files that we hold. */
  readonly #held = new Map<string, number>();

  startDetached(options: DetachedOptions): Result<StartedProcess, ProcessError> {
    let log = standardError;
    try {
      accessSync(options.command, fileConstants.X_OK);
      if (options.logFile !== null) log = openSync(options.logFile, 'a', logFileMode);
      return start(options, log);
    } catch (cause) {
      return notStarted(options, describeCause(cause));
    } finally {
      if (log !== standardError) closeSync(log);
    }
  }

  isRunning(pid: number): boolean {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      // "pid (name) state ...", and the name may hold anything.
      return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
    } catch {
      return false;
    }
  }

  terminate(pid: number): Result<void, ProcessError> {
    try {
      process.kill(pid, 'SIGTERM');
      return ok(undefined);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return ok(undefined);
      return err({ type: 'process.not_terminated', pid, reason: describeCause(cause) });
    }
  }

  claimPidFile(path: string): Result<void, ProcessError> {
    if (this.#held.has(path)) return err(held(path, process.pid));
    try {
      for (let tries = 0; tries < claimTriesMax; tries++) {
        const locked = openLocked(path);
        if (locked.isErr()) return err(locked.error);
        if (locked.value === null) continue;
        this.#held.set(path, locked.value);
        writePid(locked.value);
        return ok(undefined);
      }
      return err(held(path, null));
    } catch (cause) {
      this.releasePidFile(path);
      return err({ type: 'process.pid_file_failed', path, reason: describeCause(cause) });
    }
  }

  releasePidFile(path: string): void {
    const descriptor = this.#held.get(path);
    if (descriptor === undefined) return;
    this.#held.delete(path);
    try {
      // Before the lock goes: whoever comes next makes a new file.
      if (isSameFile(descriptor, path)) unlinkSync(path);
    } catch {
      // A folder that is gone took the file along.
    }
    closeSync(descriptor);
  }
}

function start(
  { command, arguments: words, environment }: DetachedOptions,
  log: number,
): Result<StartedProcess, ProcessError> {
  const child = spawn(command, words, {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', log, log],
  });
  child.on('error', () => {});
  child.unref();
  const { pid } = child;
  if (pid === undefined) return notStarted({ command }, 'the system has no room for a process');
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : systemConstants.signals[signal]));
    });
  });
  return ok({ pid, exited });
}

/** The descriptor of the file, locked by us; null: the file was removed or replaced meanwhile. */
function openLocked(path: string): Result<number | null, ProcessError> {
  const descriptor = openSync(path, fileConstants.O_RDWR | fileConstants.O_CREAT, pidFileMode);
  let isOurs = false;
  try {
    const locked = lockFile(descriptor);
    if (locked.isErr()) return err(refusal(path, locked.error));
    isOurs = isSameFile(descriptor, path);
    return ok(isOurs ? descriptor : null);
  } finally {
    if (!isOurs) closeSync(descriptor);
  }
}

function refusal(path: string, error: SocketsError): ProcessError {
  if (error.errorNumber === errorHeldElsewhere) return held(path, pidIn(path));
  return { type: 'process.pid_file_failed', path, reason: describeSocketsError(error) };
}

function isSameFile(descriptor: number, path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  const ours = fstatSync(descriptor);
  return there?.ino === ours.ino && there.dev === ours.dev;
}

function writePid(descriptor: number): void {
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`, 0);
}

function pidIn(path: string): number | null {
  try {
    const text = readFileSync(path, 'latin1');
    return /^\d+\n$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}

function held(path: string, pid: number | null): ProcessError {
  return { type: 'process.pid_file_held', path, pid };
}

function notStarted(
  { command }: Pick<DetachedOptions, 'command'>,
  reason: string,
): Result<never, ProcessError> {
  return err({ type: 'process.not_started', command, reason });
}
