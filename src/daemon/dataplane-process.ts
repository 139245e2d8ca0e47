// Finds the data plane process that runs already, or starts one that outlives the daemon, and opens
// it.
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from 'neverthrow';
import { DataplaneClient } from '../dataplane/client.js';
import type { Dataplane, DataplaneError, OpenOptions } from '../dataplane/dataplane.js';
import { type Place, socketPath } from '../dataplane/paths.js';
import type { Clock } from '../ports/clock.js';
import { describeProcessError, type Processes, type StartedProcess } from '../ports/processes.js';
import { dataplaneLogPath } from './paths.js';

const connectTimeoutMs = 2_000;
const retryDelayMs = 50;
/** A start reserves memory and probes ports: seconds on a slow machine. */
const startTimeoutMs = 30_000;

const program = fileURLToPath(new URL('../dataplane/main.js', import.meta.url));

export type DataplaneWorld = {
  readonly place: Place;
  readonly clock: Clock;
  readonly processes: Processes;
};

export async function openDataplaneProcess(
  world: DataplaneWorld,
  options: OpenOptions,
  closed: () => void,
): Promise<Result<Dataplane, DataplaneError>> {
  const { place, clock } = world;
  const path = socketPath(place);
  const attached = await DataplaneClient.connect(path, clock, connectTimeoutMs, closed);
  const connected = attached.isOk() ? attached : await startProcess(world, closed);
  if (connected.isErr()) return err(connected.error);
  const plane = connected.value;
  const opened = await plane.open(options);
  if (opened.isOk()) return ok(plane);
  // One that we started and that never opened would wait for nobody.
  if (attached.isErr()) await endProcess(plane);
  plane.disconnect();
  return err(opened.error);
}

/** Its answer does not matter: it is on its way out, or there is nothing more to do. */
async function endProcess(plane: DataplaneClient): Promise<void> {
  const ended = await plane.close();
  if (ended.isErr()) plane.disconnect();
}

async function startProcess(
  world: DataplaneWorld,
  closed: () => void,
): Promise<Result<DataplaneClient, DataplaneError>> {
  const { place, clock, processes } = world;
  const placeArguments = ['--runtime-dir', place.runtimeDirectory];
  if (place.instance !== null) placeArguments.push('--instance', place.instance);
  const started = processes.startDetached({
    command: process.execPath,
    arguments: [program, ...placeArguments],
    logFile: dataplaneLogPath(place),
  });
  if (started.isErr()) return unreachable(describeProcessError(started.error));
  return connectWhenReady(world, started.value, closed, clock.nowMs() + startTimeoutMs);
}

async function connectWhenReady(
  { place, clock }: DataplaneWorld,
  started: StartedProcess,
  closed: () => void,
  deadlineMs: number,
): Promise<Result<DataplaneClient, DataplaneError>> {
  let exitCode: number | null = null;
  void started.exited.then((code) => {
    exitCode = code;
  });
  for (;;) {
    const path = socketPath(place);
    const connected = await DataplaneClient.connect(path, clock, connectTimeoutMs, closed);
    if (connected.isOk()) return connected;
    if (exitCode !== null) return unreachable(`it ended at once; see ${dataplaneLogPath(place)}`);
    if (clock.nowMs() > deadlineMs) return connected;
    await new Promise<void>((resolve) => clock.setTimer(retryDelayMs, resolve));
  }
}

function unreachable(reason: string): Result<never, DataplaneError> {
  return err({ type: 'dataplane.unreachable', reason });
}
