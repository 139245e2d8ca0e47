// The words of VRRP's lines for FIFOs.
import type { Telling } from '../../config/telling.js';

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
