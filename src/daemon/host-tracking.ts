// What is tracked, on the real machine: scripts by their users, processes, files.
import type { Owner } from '../config/command.js';
import type { Config } from '../config/config.js';
import { ScriptSecurity } from '../config/script-security.js';
import type { ScriptDefinition } from '../config/tracking.js';
import { factKey, type TrackedFact, type TrackedFacts } from '../ha/tracking/facts.js';
import { runScript } from '../ha/tracking/script-run.js';
import { Tracker } from '../ha/tracking/tracker.js';
import { HostCommandRunner } from '../host/command-runner.js';
import { HostProcessList } from '../host/process-list.js';
import { hostRandom } from '../host/random.js';
import { scriptHost } from '../host/script-host.js';
import { HostStreams } from '../host/streams.js';
import { HostTrackedFiles } from '../host/tracked-files.js';
import type { Clock } from '../ports/clock.js';
import type { CommandEnd, CommandOwner } from '../ports/command-runner.js';
import type { Log } from '../ports/log.js';

export class HostTracking {
  readonly #runner: HostCommandRunner;
  readonly #streams = new HostStreams();
  readonly #tracker: Tracker;
  readonly #known = new Map<string, number>();
  /** Of the configuration that runs. */
  #security = new ScriptSecurity({ isSecure: false, owner: null }, scriptHost);

  constructor(clock: Clock, log: Log, tell: (facts: readonly TrackedFact[]) => void) {
    this.#runner = new HostCommandRunner(clock, log);
    this.#tracker = new Tracker({
      clock,
      log,
      random: hostRandom,
      processes: new HostProcessList(),
      files: new HostTrackedFiles(),
      runScript: (script) => this.#run(script),
      tell: (facts) => {
        for (const { kind, name, value } of facts) this.#known.set(factKey(kind, name), value);
        tell(facts);
      },
    });
  }

  configure({ tracking, notification }: Pick<Config, 'tracking' | 'notification'>): void {
    this.#security = new ScriptSecurity(notification.scripts, scriptHost);
    const { scripts, processes, files } = tracking;
    const wanted = new Set([
      ...scripts.map(({ name }) => factKey('script', name)),
      ...processes.map(({ name }) => factKey('process', name)),
      ...files.map(({ name }) => factKey('file', name)),
    ]);
    for (const key of this.#known.keys()) if (!wanted.has(key)) this.#known.delete(key);
    this.#tracker.configure(tracking);
  }

  /** As told last. */
  get known(): TrackedFacts {
    return { get: ({ kind, name }) => this.#known.get(factKey(kind, name)) };
  }

  /** Whose numbers a script has that names this owner. */
  ownerOf(named: Owner | null): CommandOwner | null {
    return this.#security.ownerOf(named).unwrapOr(null);
  }

  /** Ends what runs. */
  async stop(): Promise<void> {
    this.#tracker.stop();
    await this.#runner.end();
  }

  #run(script: ScriptDefinition): Promise<CommandEnd> {
    const world = {
      runner: this.#runner,
      streams: this.#streams,
      prepare: ({ command, owner }: ScriptDefinition) =>
        this.#security.commandOf({
          command,
          user: owner?.user ?? null,
          group: owner?.group ?? null,
        }),
    };
    return runScript(world, script);
  }
}
