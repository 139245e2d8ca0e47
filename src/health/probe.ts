// One attempt to reach a server: what every kind of checker is to its monitor.
import type { Result } from 'neverthrow';
import type { CommandAs } from '../config/command.js';
import type { Clock } from '../ports/clock.js';
import type { CommandLine, CommandRunner } from '../ports/command-runner.js';
import type { Flows } from '../ports/flows.js';
import type { Random } from '../ports/random.js';
import type { Expressions } from '../ports/regex.js';

export type Outcome =
  | {
      readonly type: 'succeeded';
      /** What is added to the weight of the server, for as long as no other outcome comes. */
      readonly weightChange: number;
    }
  | {
      /** A part of the check has succeeded (one page of several): no verdict yet. */
      readonly type: 'advanced';
      /** When the next part is due. */
      readonly next: 'at_once' | 'after_delay_loop';
    }
  | {
      readonly type: 'failed';
      /** The end of a sentence that begins with `name`: "failed", "timed out". */
      readonly reason: string;
      /** What the mail about it says of it, where keepalived's says more than that it failed. */
      readonly mailReason?: string;
    };

export const succeeded: Outcome = { type: 'succeeded', weightChange: 0 };

/** What the checker's monitor knows of it when an attempt begins. */
export type ProbeOccasion = {
  /** The checker's verdict; null: none yet. */
  readonly isUp: boolean | null;
};

export interface Probe {
  /** What is attempted, in keepalived's words: "TCP connection to [192.0.2.5]:tcp:80". */
  readonly name: string;
  /** What the log says of a success; the name and "success" where it is left out. */
  readonly successLine?: string;
  /** The next attempt is due so long after the beginning of this one, not after its end. */
  readonly isPacedByStart?: true;
  /** While the checker is down, after a failure: in the place of the interval. */
  readonly pollMs?: number;
  /** Never rejects, and ends within the checker's own timeout. */
  attempt(occasion: ProbeOccasion): Promise<Outcome>;
  /**
   * The same without a promise, where there may be thousands a second: `ended` is called once,
   * never before this returns.
   */
  begin?(ended: (outcome: Outcome) => void): void;
}

/** What probes reach the world by. */
export type ProbeWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly flows: Flows;
  readonly commands: CommandRunner;
  readonly expressions: Expressions;
  /** With the user to run as; the error says why it is not run. */
  readonly commandOf: (script: CommandAs) => Result<CommandLine, string>;
};
