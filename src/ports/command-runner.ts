// Running commands of the configuration: scripts that are asked or told. What they write is
// nobody's concern; how they end is.

export type CommandOwner = { readonly uid: number; readonly gid: number };

export type CommandLine = {
  /** The program, by path or by name, and its arguments. */
  readonly words: readonly string[];
  /** Who it runs as; null: as we do. */
  readonly owner: CommandOwner | null;
};

export type CommandEnd =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'killed'; readonly signal: string }
  | { readonly type: 'timed_out' }
  | { readonly type: 'not_started'; readonly reason: string };

export type CommandOptions = {
  /** null: as long as it takes. */
  readonly timeoutMs: number | null;
  /** What it leaves behind in its process group is ended as well. */
  readonly leavesNothing?: true;
};

export interface CommandRunner {
  /** Never rejects. Commands may overtake each other. */
  run(command: CommandLine, options: CommandOptions): Promise<CommandEnd>;
}
