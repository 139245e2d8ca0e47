// What the security of scripts asks of the machine.
import type { CommandOwner } from './command-runner.js';
import type { ProgramSafety } from './host-view.js';

export interface ScriptHost {
  /** `group` null: the user's own. null: there is no such user or group. */
  idsOf(user: string, group: string | null): CommandOwner | null;
  /** What it would mean to run the program as root. */
  safetyOf(program: string): ProgramSafety;
}
