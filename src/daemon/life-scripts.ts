// startup_script before anything else is started, shutdown_script after everything else has ended.
// Neither can keep the daemon from what it is for: one that fails or takes too long is logged.
import type { CommandAs } from '../config/command.js';
import type { Config } from '../config/config.js';
import type { LifeScript } from '../config/operations.js';
import { ScriptSecurity } from '../config/script-security.js';
import type { CommandEnd } from '../ports/command-runner.js';
import type { Log } from '../ports/log.js';
import type { ScriptHost } from '../ports/script-host.js';
import type { Runner } from './open-fifos.js';

type Settings = Pick<Config, 'operations' | 'notification'>;

export type LifeScriptsWorld = {
  readonly log: Log;
  readonly scriptHost: ScriptHost;
  readonly newRunner: () => Runner;
  /** The end of the daemon takes so much longer. */
  readonly delaysEnd: (byMs: number) => void;
};

export class LifeScripts {
  readonly #world: LifeScriptsWorld;
  #starting: Runner | null = null;

  constructor(world: LifeScriptsWorld) {
    this.#world = world;
  }

  async startUp({ operations, notification }: Settings): Promise<void> {
    const { startupScript } = operations;
    if (startupScript === null) return;
    const runner = this.#world.newRunner();
    this.#starting = runner;
    await this.#run('startup_script', startupScript, notification.scripts, runner);
    this.#starting = null;
  }

  /** null: nothing was ever started. */
  async shutDown(running: Settings | null): Promise<void> {
    await this.#starting?.end();
    const script = running?.operations.shutdownScript ?? null;
    if (running === null || script === null) return;
    this.#world.delaysEnd(script.timeoutMs);
    const runner = this.#world.newRunner();
    await this.#run('shutdown_script', script, running.notification.scripts, runner);
  }

  async #run(
    name: string,
    { script, timeoutMs }: LifeScript,
    policy: Config['notification']['scripts'],
    runner: Runner,
  ): Promise<void> {
    const command = new ScriptSecurity(policy, this.#world.scriptHost).commandOf(script);
    const complaint = command.isErr()
      ? command.error
      : complaintOf(script, await runner.run(command.value, { timeoutMs }));
    if (complaint !== null) this.#world.log.write('error', `${name}: ${complaint}`);
  }
}

/** null: there is none. */
function complaintOf({ command: [program] }: CommandAs, end: CommandEnd): string | null {
  switch (end.type) {
    case 'exited':
      return end.code === 0 ? null : `${program} failed, status ${end.code}`;
    case 'killed':
      return `${program} was ended by ${end.signal}`;
    case 'timed_out':
      return `${program} timed out`;
    case 'not_started':
      return `${program} is not run: ${end.reason}`;
  }
}
