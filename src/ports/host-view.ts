// What the checks ask of the machine that the file is for: keepalived's `-t` looks there, too.

/** What running a program as root would mean. */
export type ProgramSafety =
  | { readonly type: 'safe' }
  | { readonly type: 'missing' }
  /** `component` of its path may be changed by others than root. */
  | { readonly type: 'unsafe'; readonly component: string };

export interface HostView {
  hasInterface(name: string): boolean;
  hasUser(name: string): boolean;
  hasGroup(name: string): boolean;
  /** `program` without a slash is looked for where commands are. */
  safetyOf(program: string): ProgramSafety;
  /** Only its owner may read the file, or it is not there. */
  isPrivate(path: string): boolean;
}
