// The machine's users and groups: its files first; a directory service, if the machine has one,
// only where these do not know.
import { readFileSync } from 'node:fs';
import { programPath } from './program-path.js';
import { programAnswer } from './sockets.js';

const lookupTimeoutMs = 5_000;

/** The fields of passwd(5) or group(5); null: there is none of that name. */
export function entryOf(database: 'passwd' | 'group', name: string): readonly string[] | null {
  const lines = readFileSync(`/etc/${database}`, 'utf8').split('\n');
  const line = lines.find((one) => one.startsWith(`${name}:`)) ?? askedOf(database, name);
  return line === null ? null : line.split(':');
}

function askedOf(database: 'passwd' | 'group', name: string): string | null {
  const program = programPath('getent');
  if (program === null) return null;
  const words = ['getent', '--', database, name];
  return programAnswer(program, words, [], lookupTimeoutMs).match(
    (text) => text.trim(),
    () => null,
  );
}
