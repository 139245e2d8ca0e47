// FIFOs that programs of the operator read lines from.
import type { Result } from 'neverthrow';
import type { CommandOwner } from './command-runner.js';

export type FifoError = {
  readonly type: 'fifo.failed';
  readonly path: string;
  readonly reason: string;
};

export interface NotifyFifo {
  /** Never waits: false where the readers are so far behind that the line is lost. */
  write(line: string): boolean;
  close(): void;
}

export interface NotifyFifos {
  /** A FIFO that is missing is made, for its owner alone. */
  open(path: string, owner: CommandOwner): Result<NotifyFifo, FifoError>;
}

export function describeFifoError({ path, reason }: FifoError): string {
  return `cannot use the FIFO ${path}: ${reason}`;
}
