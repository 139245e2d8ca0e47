// MISC_CHECK: a program of the configuration, whose exit code is the verdict. Never runs twice at
// once: its monitor waits for the end.
import type { MiscCheck } from '../../config/checkers/misc.js';
import type { CommandEnd } from '../../ports/command-runner.js';
import { type Outcome, type Probe, type ProbeWorld, succeeded } from '../probe.js';

type MiscWorld = Pick<ProbeWorld, 'commands' | 'commandOf'>;

/** Exit codes of misc_dynamic begin here: 2 is a weight of 0. */
const weightOffset = 2;

export class MiscProbe implements Probe {
  readonly name: string;
  readonly successLine: string;
  readonly isPacedByStart = true;
  readonly #check: MiscCheck;
  readonly #world: MiscWorld;

  constructor(check: MiscCheck, world: MiscWorld) {
    this.#check = check;
    this.#world = world;
    const [program] = check.script.command;
    const { address, port } = check.server;
    this.name = `Misc check for [[${address}]:${port}] by [${program}]`;
    this.successLine = `${this.name} succeeded.`;
  }

  async attempt(): Promise<Outcome> {
    const { script, timeoutMs } = this.#check;
    const command = this.#world.commandOf(script);
    if (command.isErr()) return failed(`(${command.error})`);
    const options = { timeoutMs, leavesNothing: true } as const;
    return miscOutcome(this.#check, await this.#world.commands.run(command.value, options));
  }
}

/** What the end of a run says of the server. */
export function miscOutcome(check: MiscCheck, end: CommandEnd): Outcome {
  switch (end.type) {
    case 'exited':
      return exitOutcome(check, end.code);
    case 'killed':
      return failed(`(due to signal ${end.signal})`);
    case 'timed_out':
      return { type: 'failed', reason: 'timed out', mailReason: 'timed out' };
    case 'not_started':
      return failed(`(${end.reason})`);
  }
}

function exitOutcome({ isDynamic, weight }: MiscCheck, code: number): Outcome {
  if (code === 0) return succeeded;
  if (!isDynamic || code < weightOffset) return failed(`(exited with status ${code})`);
  return { type: 'succeeded', weightChange: code - weightOffset - weight };
}

function failed(why: string): Outcome {
  return { type: 'failed', reason: `failed ${why}` };
}
