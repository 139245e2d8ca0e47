// FIFOs of this machine. They are opened for reading as well, so that opening does not wait for a
// reader and what is written before one comes is kept, as far as the kernel's buffer goes.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  writeSync,
} from 'node:fs';
import { err, ok, type Result } from 'neverthrow';
import type { CommandOwner } from '../ports/command-runner.js';
import type { FifoError, NotifyFifo, NotifyFifos } from '../ports/notify-fifo.js';
import { describeCause } from './sockets.js';

const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants;
const makeTimeoutMs = 5_000;
/** What the kernel writes as a whole or not at all (PIPE_BUF). */
const lineBytesMax = 4_096;

export const hostFifos: NotifyFifos = { open };

function open(path: string, owner: CommandOwner): Result<NotifyFifo, FifoError> {
  const failed = (reason: string): Result<never, FifoError> =>
    err({ type: 'fifo.failed', path, reason });
  try {
    const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined;
    if (isNew) {
      const words = ['--mode=0600', '--', path];
      execFileSync('/usr/bin/mkfifo', words, { stdio: 'ignore', timeout: makeTimeoutMs });
    }
    const descriptor = openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
    if (!fstatSync(descriptor).isFIFO()) {
      closeSync(descriptor);
      return failed('there is something else of that name; remove it');
    }
    if (isNew) fchownSync(descriptor, owner.uid, owner.gid);
    return ok(new HostFifo(descriptor));
  } catch (cause) {
    return failed(reasonOf(cause));
  }
}

class HostFifo implements NotifyFifo {
  readonly #descriptor: number;
  #isOpen = true;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(line: string): boolean {
    const bytes = Buffer.from(`${line}\n`);
    if (!this.#isOpen || bytes.length > lineBytesMax) return false;
    try {
      return writeSync(this.#descriptor, bytes) === bytes.length;
    } catch {
      return false;
    }
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#descriptor);
    this.#isOpen = false;
  }
}

function reasonOf(cause: unknown): string {
  const { status } = cause as { readonly status?: unknown };
  return typeof status === 'number' ? 'it cannot be made there' : describeCause(cause);
}
