// Other processes of this machine: started so that they outlive us, looked at, ended; and the pid
// file that says there is only one of us.
import type { Result } from 'neverthrow';

export type ProcessError =
  | {
      readonly type: 'process.not_started';
      readonly command: string;
      readonly reason: string;
    }
  | { readonly type: 'process.not_terminated'; readonly pid: number; readonly reason: string }
  | {
      readonly type: 'process.pid_file_held';
      readonly path: string;
      /** What the file says; null when the holder has not written it yet. */
      readonly pid: number | null;
    }
  | { readonly type: 'process.pid_file_failed'; readonly path: string; readonly reason: string };

export type DetachedOptions = {
  /** An absolute path. */
  readonly command: string;
  readonly arguments: readonly string[];
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Collects standard output and error (appended); null: they go where our standard error goes. */
  readonly logFile: string | null;
};

export type StartedProcess = {
  readonly pid: number;
  /** The exit code, or 128 + the signal's number, as a shell counts. Never rejects. */
  readonly exited: Promise<number>;
};

export interface Processes {
  /** The process leads its own session and goes on when we end. */
  startDetached(options: DetachedOptions): Result<StartedProcess, ProcessError>;
  /** False for a zombie. */
  isRunning(pid: number): boolean;
  /** Asks it to end (SIGTERM); succeeds also when it has ended already. */
  terminate(pid: number): Result<void, ProcessError>;
  /**
   * Writes our pid. A file left by a process that is gone is taken over, whatever number it holds.
   */
  claimPidFile(path: string): Result<void, ProcessError>;
  /** Removes a file that we claimed; nothing happens for another one. */
  releasePidFile(path: string): void;
}

export function describeProcessError(error: ProcessError): string {
  switch (error.type) {
    case 'process.not_started':
      return `cannot start ${error.command}: ${error.reason}`;
    case 'process.not_terminated':
      return `cannot end process ${error.pid}: ${error.reason}`;
    case 'process.pid_file_held':
      return error.pid === null
        ? `${error.path} is held by another process`
        : `${error.path} is held by process ${error.pid}, which is running`;
    case 'process.pid_file_failed':
      return `cannot write ${error.path}: ${error.reason}`;
  }
}
