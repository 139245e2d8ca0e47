// Which scripts may run, and as whom: the user and group of the script, else script_user, else
// keepalived_script where there is such a user, else root; and nothing as root that others may
// change, where enable_script_security is on.
import { err, ok, type Result } from 'neverthrow';
import type { CommandLine, CommandOwner } from '../ports/command-runner.js';
import type { ScriptHost } from '../ports/script-host.js';
import type { CommandAs, Owner } from './command.js';
import type { ScriptPolicy } from './notification.js';

/** The user of scripts that name none, in Debian's keepalived. */
export const defaultScriptUser = 'keepalived_script';

/** Looks users up once: a policy lives as long as the configuration that it is of. */
export class ScriptSecurity {
  readonly #policy: ScriptPolicy;
  readonly #host: ScriptHost;
  readonly #owners = new Map<string, CommandOwner | null>();

  constructor(policy: ScriptPolicy, host: ScriptHost) {
    this.#policy = policy;
    this.#host = host;
  }

  /** The error says why it is not run. */
  commandOf(script: CommandAs, extra: readonly string[] = []): Result<CommandLine, string> {
    const { command, user, group } = script;
    const [program] = command;
    const owner = this.ownerOf(user === null ? null : { user, group });
    if (owner.isErr()) return err(`${program} is not run: ${owner.error}`);
    const safety = this.#host.safetyOf(program);
    if (safety.type === 'missing') return err(`there is no program ${program} to run`);
    const isRoots = owner.value.uid === 0 || owner.value.gid === 0;
    if (safety.type === 'unsafe' && isRoots && this.#policy.isSecure) {
      const why = `others than root may change ${safety.component}`;
      return err(`Unsafe permissions found for script '${program}' - disabling: ${why}`);
    }
    return ok({ words: [...command, ...extra], owner: owner.value });
  }

  /** null: of those that name nobody. */
  ownerOf(named: Owner | null): Result<CommandOwner, string> {
    const wanted = named ?? this.#policy.owner;
    if (wanted === null) {
      return ok(this.#idsOf(defaultScriptUser, null) ?? this.#idsOf('root', null) ?? root);
    }
    const { user, group } = wanted;
    const ids = this.#idsOf(user, group);
    if (ids !== null) return ok(ids);
    const groupText = group === null ? '' : `, or no group ${group}`;
    return err(`there is no user ${user}${groupText}`);
  }

  #idsOf(user: string, group: string | null): CommandOwner | null {
    const key = JSON.stringify([user, group]);
    const known = this.#owners.get(key);
    if (known !== undefined) return known;
    const ids = this.#host.idsOf(user, group);
    this.#owners.set(key, ids);
    return ids;
  }
}

const root: CommandOwner = { uid: 0, gid: 0 };
