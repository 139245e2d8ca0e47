// Signals that ask this process for something. Those without a name in Node, the real-time ones,
// are watched by number through the addon.
import { constants } from 'node:os';
import { ok, type Result } from 'neverthrow';
import { describeSocketsError, watchSignal } from './sockets.js';

/** `arrived` is called on this thread's loop. The error is the system's sentence. */
export function onSignal(number: number, arrived: () => void): Result<void, string> {
  const known = Object.entries(constants.signals).find(([, value]) => value === number);
  if (known === undefined) return watchSignal(number, arrived).mapErr(describeSocketsError);
  // Node's own way: for SIGUSR1 it also keeps Node from starting its inspector.
  process.on(known[0] as NodeJS.Signals, arrived);
  return ok(undefined);
}
