// What is to be told to the outside: by script, by FIFO, by mail. Values only: protocols and checks
// decide them, the daemon tells them.
import type { CommandAs } from './command.js';

export type Telling =
  /** `extra` are words behind the script's own. */
  | { readonly type: 'run_script'; readonly script: CommandAs; readonly extra: readonly string[] }
  /** A line for the FIFOs that carry it, without its end. */
  | { readonly type: 'write_line'; readonly about: 'vrrp' | 'services'; readonly line: string }
  | { readonly type: 'send_mail'; readonly subject: string; readonly text: string };
