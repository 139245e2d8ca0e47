// Running commands of the configuration: scripts that are asked or told. What they write is nobody's
// concern; how they end is.

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

export interface CommandRunner {
  /** Never rejects. Commands may overtake each other. `timeoutMs` null: as long as it takes. */
  run(command: CommandLine, options: { readonly timeoutMs: number | null }): Promise<CommandEnd>;
}
