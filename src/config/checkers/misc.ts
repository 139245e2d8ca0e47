// MISC_CHECK: the server is up while a program says so by its exit code.
import type { Endpoint } from '../../net/address.js';
import { type CheckDefaults, type CheckPace, paceFrom } from '../checker.js';
import type { miscCheckTable } from '../checker-local-table.js';
import type { CommandAs } from '../command.js';
import type { Settings } from '../settings.js';

export type MiscCheck = CheckPace & {
  readonly type: 'MISC_CHECK';
  readonly script: CommandAs;
  readonly timeoutMs: number;
  /** misc_dynamic: exit codes 2-255 are a weight + 2. */
  readonly isDynamic: boolean;
  /** Whom it is about, and what that weighs by the file. */
  readonly server: Endpoint;
  readonly weight: number;
};

const miscKind = { retry: 0, delayBeforeRetryMs: 1000 };

/** null: without a misc_path, which named-checker-checks.ts reports. */
export function miscCheck(
  found: Settings<typeof miscCheckTable>,
  server: Endpoint,
  outer: CheckDefaults,
  weight: number,
): MiscCheck | null {
  const command = found.value('misc_path');
  if (command === undefined) return null;
  const { user, group } = found.value('user') ?? { user: null, group: null };
  const pace = paceFrom(found, outer, miscKind);
  return {
    type: 'MISC_CHECK',
    ...pace,
    script: { command, user, group },
    timeoutMs: found.value('misc_timeout') || pace.delayLoopMs,
    isDynamic: found.value('misc_dynamic'),
    server,
    weight,
  };
}
