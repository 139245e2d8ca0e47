// One vrrp_script: run at its interval and never twice at a time, each run judged, each change of
// the verdict told. It runs nothing itself.
import type { ScriptDefinition } from '../../config/tracking.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { CommandEnd } from '../../ports/command-runner.js';
import type { Log } from '../../ports/log.js';
import { isScriptUp, judgeRun, type ScriptState } from './script-judge.js';

export type ScriptWorld = {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends within the script's timeout, or soon after it. Never rejects. */
  readonly run: (script: ScriptDefinition) => Promise<CommandEnd>;
};

export class ScriptMonitor {
  readonly #world: ScriptWorld;
  readonly #definition: ScriptDefinition;
  readonly #turned: (isUp: boolean) => void;
  #state: ScriptState;
  #timer: Timer;
  #isRunning = false;
  #hasSaidSkipping = false;
  #lastCode: number | null = null;
  #isStopped = false;

  /** `state`: what is known before the first run, after `firstDelayMs`. */
  constructor(
    world: ScriptWorld,
    definition: ScriptDefinition,
    state: ScriptState,
    firstDelayMs: number,
    turned: (isUp: boolean) => void,
  ) {
    this.#world = world;
    this.#definition = definition;
    this.#state = state;
    this.#turned = turned;
    this.#timer = world.clock.setTimer(firstDelayMs, () => this.#due());
  }

  get state(): ScriptState {
    return this.#state;
  }

  /** No verdict comes after it, not even that of a run under way. */
  stop(): void {
    this.#isStopped = true;
    this.#timer.cancel();
  }

  /** The interval counts from start to start, as keepalived has it. */
  #due(): void {
    const { clock, log, run } = this.#world;
    const { name, intervalMs } = this.#definition;
    this.#timer = clock.setTimer(intervalMs, () => this.#due());
    if (this.#isRunning) {
      if (this.#hasSaidSkipping) return;
      this.#hasSaidSkipping = true;
      log.write('info', `Track script ${name} is already running, expect idle - skipping run`);
      return;
    }
    this.#isRunning = true;
    this.#hasSaidSkipping = false;
    void run(this.#definition).then((end) => {
      this.#isRunning = false;
      if (!this.#isStopped) this.#take(end);
    });
  }

  #take(end: CommandEnd): void {
    const wasUp = isScriptUp(this.#state);
    const outcome = end.type === 'exited' && end.code === 0 ? 'succeeded' : 'failed';
    this.#state = judgeRun(this.#state, outcome, this.#definition);
    this.#noteCode(end);
    const isUp = isScriptUp(this.#state) === true;
    if (isUp === wasUp) return;
    const { name } = this.#definition;
    const what = isUp ? 'succeeded' : describeFailure(end);
    this.#world.log.write('notice', `VRRP_Script(${name}) ${what}`);
    this.#turned(isUp);
  }

  /** A script that counts with its exit code is seen to change even while its verdict stands. */
  #noteCode(end: CommandEnd): void {
    if (end.type !== 'exited' || end.code === this.#lastCode) return;
    const isFirst = this.#lastCode === null;
    this.#lastCode = end.code;
    if (isFirst && end.code === 0) return;
    const { name } = this.#definition;
    this.#world.log.write('info', `Script \`${name}\` now returning ${end.code}`);
  }
}

function describeFailure(end: CommandEnd): string {
  switch (end.type) {
    case 'exited':
      return `failed (exited with status ${end.code})`;
    case 'killed':
      return `failed (due to signal ${end.signal})`;
    case 'timed_out':
      return 'timed_out';
    case 'not_started':
      return `failed (cannot be run: ${end.reason})`;
  }
}
