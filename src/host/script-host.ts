// Users, groups and programs of this machine, for the security of scripts.
import { userInfo } from 'node:os';
import type { CommandOwner } from '../ports/command-runner.js';
import type { ScriptHost } from '../ports/script-host.js';
import { entryOf } from './directory.js';
import { hostView } from './host-view.js';

export const scriptHost: ScriptHost = { idsOf, safetyOf: hostView.safetyOf };

/** Who we are, for the sender of mails; the number where it has no name. */
export function ownUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 0);
  }
}

function idsOf(user: string, group: string | null): CommandOwner | null {
  const [, , uid, ownGid] = entryOf('passwd', user) ?? [];
  const gid = group === null ? ownGid : entryOf('group', group)?.[2];
  if (uid === undefined || gid === undefined) return null;
  const owner = { uid: Number(uid), gid: Number(gid) };
  return Number.isInteger(owner.uid) && Number.isInteger(owner.gid) ? owner : null;
}
