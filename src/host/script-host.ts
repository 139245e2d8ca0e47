// Users, groups and programs of this machine, for the security of scripts.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { CommandOwner } from '../ports/command-runner.js';
import type { ScriptHost } from '../ports/script-host.js';
import { hostView } from './host-view.js';

const lookupTimeoutMs = 5_000;

export const scriptHost: ScriptHost = { idsOf, safetyOf: hostView.safetyOf };

function idsOf(user: string, group: string | null): CommandOwner | null {
  const [, , uid, ownGid] = entryOf('passwd', user) ?? [];
  const gid = group === null ? ownGid : entryOf('group', group)?.[2];
  if (uid === undefined || gid === undefined) return null;
  const owner = { uid: Number(uid), gid: Number(gid) };
  return Number.isInteger(owner.uid) && Number.isInteger(owner.gid) ? owner : null;
}

/** The file first; a directory service, if the machine has one, only when that does not know. */
function entryOf(database: 'passwd' | 'group', name: string): readonly string[] | null {
  const lines = readFileSync(`/etc/${database}`, 'utf8').split('\n');
  const line = lines.find((one) => one.startsWith(`${name}:`)) ?? askedOf(database, name);
  return line === null ? null : line.split(':');
}

function askedOf(database: 'passwd' | 'group', name: string): string | null {
  try {
    const words = ['--', database, name];
    const options = { encoding: 'utf8', timeout: lookupTimeoutMs } as const;
    return execFileSync('getent', words, {
      ...options,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}
