// Programs of others, run to their end: scripts that decide, and scripts that are told.

export type CommandOwner = { readonly uid: number; readonly gid: number };

/** `owner` null: whoever we are. */
export type CommandLine = {
  readonly words: readonly string[];
  readonly owner: CommandOwner | null;
};

export type CommandEnd =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'killed'; readonly signal: string }
  | { readonly type: 'timed_out' }
  | { readonly type: 'not_started'; readonly reason: string };

export interface CommandRunner {
  /**
   * Never rejects. After `timeoutMs` (null: never) the command's whole process group is ended.
   */
  run(command: CommandLine, options: { readonly timeoutMs: number | null }): Promise<CommandEnd>;
}
