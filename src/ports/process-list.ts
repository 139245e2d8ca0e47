// The processes of this machine, as they come, change their names and go.
import type { Result } from 'neverthrow';

export type SeenProcess = {
  readonly pid: number;
  /** The kernel's name of it, 15 octets at most. */
  readonly name: string;
  /** Its command line, bounded; empty when it was not asked for or there is none. */
  readonly words: readonly string[];
};

export type ProcessListError = { readonly type: 'process_list.failed'; readonly reason: string };

export type ProcessNews =
  /** It began, or has another program or name now: look at it. */
  | { readonly type: 'changed'; readonly pid: number }
  | { readonly type: 'ended'; readonly pid: number }
  /** More happened than could be told: look at all of them. */
  | { readonly type: 'overrun' }
  /** Nothing more is told. */
  | { readonly type: 'lost'; readonly reason: string };

export interface ProcessList {
  /** Every process but zombies. `withWords`: their command lines, too. */
  list(withWords: boolean): Promise<Result<readonly SeenProcess[], ProcessListError>>;
  /** null: it is gone, or a zombie. */
  look(pid: number, withWords: boolean): SeenProcess | null;
  /** Tells what happens; the kernel may refuse that. Returns the stop. */
  watch(happened: (news: ProcessNews) => void): Result<() => void, ProcessListError>;
}
