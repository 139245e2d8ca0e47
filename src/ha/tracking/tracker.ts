// Everything that the configuration tracks but interfaces, which the protocol loop sees by itself:
// runs it, and tells each change as a fact. A new configuration keeps what is known of everything
// that it still has.
import type { ScriptDefinition, Tracking } from '../../config/tracking.js';
import type { CommandEnd } from '../../ports/command-runner.js';
import type { Random } from '../../ports/random.js';
import type { TrackedFiles } from '../../ports/tracked-files.js';
import type { TrackedFact } from './facts.js';
import { FileMonitor } from './file-monitor.js';
import { type CensusWorld, ProcessCensus } from './process-census.js';
import { firstState, isScriptUp, type ScriptState } from './script-judge.js';
import { ScriptMonitor } from './script-monitor.js';

export type TrackerWorld = CensusWorld & {
  readonly random: Random;
  readonly files: TrackedFiles;
  readonly runScript: (script: ScriptDefinition) => Promise<CommandEnd>;
  readonly tell: (facts: readonly TrackedFact[]) => void;
};

/** Many scripts do not all begin at the same moment. */
const spreadPerScriptMs = 5;

type Running<T> = { readonly definition: string; readonly monitor: T };

export class Tracker {
  readonly #world: TrackerWorld;
  readonly #census: ProcessCensus;
  #scripts: ReadonlyMap<string, Running<ScriptMonitor>> = new Map();
  #files: ReadonlyMap<string, Running<FileMonitor>> = new Map();
  #isReload = false;

  constructor(world: TrackerWorld) {
    this.#world = world;
    this.#census = new ProcessCensus(world, (name, isUp) => this.#tell('process', name, isUp));
  }

  configure({ scripts, files, processes }: Tracking): void {
    const spreadMs = scripts.length * spreadPerScriptMs;
    this.#scripts = replaced(this.#scripts, scripts, (definition, before) =>
      this.#beginScript(definition, before?.state, spreadMs),
    );
    this.#files = replaced(
      this.#files,
      files,
      (definition) =>
        new FileMonitor(this.#world, definition, (value) =>
          this.#world.tell([{ kind: 'file', name: definition.name, value }]),
        ),
    );
    this.#census.configure(processes);
    this.#isReload = true;
  }

  stop(): void {
    for (const { monitor } of [...this.#scripts.values(), ...this.#files.values()]) monitor.stop();
    this.#scripts = new Map();
    this.#files = new Map();
    this.#census.stop();
  }

  /** A script that was changed keeps the verdict that it had. */
  #beginScript(
    definition: ScriptDefinition,
    before: ScriptState | undefined,
    spreadMs: number,
  ): ScriptMonitor {
    const { clock, log, random, runScript } = this.#world;
    const { name, intervalMs, startsFailed } = definition;
    const state = before ?? firstState(startsFailed, this.#isReload);
    const isUp = isScriptUp(state);
    if (isUp !== null) this.#tell('script', name, isUp);
    if (isUp === true && before === undefined) {
      log.write('info', `VRRP_Script(${name}) considered successful on reload`);
    }
    const firstDelayMs = random() * Math.min(spreadMs, intervalMs);
    const world = { clock, log, run: runScript };
    return new ScriptMonitor(world, definition, state, firstDelayMs, (isNowUp) =>
      this.#tell('script', name, isNowUp),
    );
  }

  #tell(kind: TrackedFact['kind'], name: string, isUp: boolean): void {
    this.#world.tell([{ kind, name, value: isUp ? 1 : 0 }]);
  }
}

/** Those of the same definition go on, the others are stopped before their successors begin. */
function replaced<D extends { readonly name: string }, M extends { stop(): void }>(
  running: ReadonlyMap<string, Running<M>>,
  definitions: readonly D[],
  begin: (definition: D, before: M | undefined) => M,
): ReadonlyMap<string, Running<M>> {
  const texts = new Map(definitions.map((one) => [one.name, JSON.stringify(one)]));
  for (const [name, { definition, monitor }] of running) {
    if (texts.get(name) !== definition) monitor.stop();
  }
  return new Map(
    definitions.map((wanted): [string, Running<M>] => {
      const definition = JSON.stringify(wanted);
      const before = running.get(wanted.name);
      if (before?.definition === definition) return [wanted.name, before];
      return [wanted.name, { definition, monitor: begin(wanted, before?.monitor) }];
    }),
  );
}
