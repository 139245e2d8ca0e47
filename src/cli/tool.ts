// What ipvsadm and dpip have in common: find the data plane's socket, ask, print, leave.
import { err, type Result } from 'neverthrow';
import { DataplaneClient } from '../dataplane/client.js';
import {
  type Dataplane,
  type DataplaneError,
  describeDataplaneError,
} from '../dataplane/dataplane.js';
import {
  describePlaceError,
  type Environment,
  type PlaceOptions,
  toolSocketPath,
} from '../dataplane/paths.js';
import type { Clock } from '../ports/clock.js';

/** What the process prints and ends with. */
export type Outcome = {
  readonly exitCode: number;
  readonly output: string;
  readonly complaint: string;
};

/** The text to print, or the sentence to complain with. */
export type Answered = Result<string, string>;

const timeoutMs = 10_000;

export function printed(output: string): Outcome {
  return { exitCode: 0, output, complaint: '' };
}

export function complained(program: string, complaint: string, exitCode = 1): Outcome {
  return { exitCode, output: '', complaint: `${program}: ${complaint}\n` };
}

export function refused(error: DataplaneError): Result<never, string> {
  return err(describeDataplaneError(error));
}

export async function ask(
  program: string,
  place: PlaceOptions,
  environment: Environment,
  clock: Clock,
  question: (dataplane: Dataplane) => Promise<Answered>,
): Promise<Outcome> {
  const path = toolSocketPath(place, environment);
  if (path.isErr()) return complained(program, describePlaceError(path.error));
  const client = await DataplaneClient.connect(path.value, clock, timeoutMs);
  if (client.isErr()) return complained(program, unreachable(path.value, client.error));
  const answered = await question(client.value);
  client.value.disconnect();
  return answered.match(printed, (complaint) => complained(program, complaint));
}

function unreachable(path: string, error: DataplaneError): string {
  const reason =
    error.type === 'dataplane.unreachable' ? error.reason : describeDataplaneError(error);
  return `the data plane does not answer at ${path}: ${reason}. Is dpvs running?`;
}

/** Prints and sets the exit code; a reader that went away (`| head`) is no error. */
export function finish(outcome: Outcome): void {
  process.stdout.on('error', () => {});
  process.stdout.write(outcome.output);
  process.stderr.write(outcome.complaint);
  process.exitCode = outcome.exitCode;
}
