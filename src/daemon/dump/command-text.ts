// Commands as keepalived's files show them.
import type { Command, CommandAs, Owner } from '../../config/command.js';
import type { CommandOwner } from '../../ports/command-runner.js';

/** Whose numbers a command runs with; null: there is no such user. */
export type OwnerOf = (named: Owner | null) => CommandOwner | null;

/** Each word in quotes. */
export function commandText(command: Command): string {
  return command.map((word) => `'${word}'`).join(' ');
}

/** With the numbers of the user and group that it runs as. */
export function ownedCommandText({ command, user, group }: CommandAs, ownerOf: OwnerOf): string {
  const ids = ownerOf(user === null ? null : { user, group });
  return `${commandText(command)}${ids === null ? '' : `, uid:gid ${ids.uid}:${ids.gid}`}`;
}
