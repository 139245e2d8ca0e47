// What is to be told to the outside: by script, by FIFO, by mail. Values only; who tells them is
// the daemon.
import type { CommandAs } from '../../config/command.js';

export type Telling =
  /** `extra` are words behind the script's own. */
  | { readonly type: 'run_script'; readonly script: CommandAs; readonly extra: readonly string[] }
  /** A line for the FIFOs that carry it, without its end. */
  | { readonly type: 'write_line'; readonly about: 'vrrp' | 'services'; readonly line: string }
  | { readonly type: 'send_mail'; readonly subject: string; readonly text: string };

export type ToldState = 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP' | 'DELETED';
export type ToldEvent = ToldState | 'MASTER_PRIORITY' | 'BACKUP_PRIORITY' | 'MASTER_RX_LOWER_PRI';

export function vrrpLine(
  kind: 'INSTANCE' | 'GROUP',
  name: string,
  event: ToldEvent,
  priority: number,
): Telling {
  const line = `${kind} "${name}" ${event} ${priority}`;
  return { type: 'write_line', about: 'vrrp', line };
}
