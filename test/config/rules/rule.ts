// One rule of the configuration language as a file that shows it, and the verdict of Debian's
// `keepalived -t` on that file.

/** What Debian's `keepalived -t` (2.2.7) ends with; 139, 143: it died of SIGSEGV, SIGTERM. */
type DebianExit = 0 | 2 | 4 | 5 | 6 | 139 | 143;

export type Rule = {
  /** In the folder of the section. */
  readonly file: string;
  readonly rule: string;
  /** The content, where a text file cannot hold it. */
  readonly text?: string;
  readonly options?: readonly string[];
  readonly debian: DebianExit;
  /** How Debian's first message begins, without its place: which complaint the code is for. */
  readonly says?: string;
  readonly ours?: { readonly exit: number; readonly because: string };
};
