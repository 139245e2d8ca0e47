// One request and its answer on a flow that is open: within one deadline, and within the bounds of
// the answer. For checks and for genhash alike.
import type { Clock } from '../../ports/clock.js';
import type { Flow, FlowFailure } from '../../ports/flows.js';
import { pageBytesEnough, type Response } from './response.js';

const receiveBytesMax = 64 * 1024;

export type Exchange = {
  readonly request: Uint8Array;
  readonly response: Response;
  /** From the request to the end of the answer. */
  readonly timeoutMs: number;
  /** The end of the connection is waited for, and must be announced, as TLS wants it. */
  readonly needsCleanEnd: boolean;
};

/** null: `response` has all that will come; else what went wrong, in keepalived's words. */
export async function exchanged(
  flow: Flow,
  clock: Clock,
  { request, response, timeoutMs, needsCleanEnd }: Exchange,
): Promise<string | null> {
  const deadlineMs = clock.nowMs() + timeoutMs;
  const refused = await flow.send(request, timeoutMs);
  if (refused !== null) return sendFault(refused);
  let isComplete = false;
  let bytesAfter = 0;
  for (;;) {
    const leftMs = deadlineMs - clock.nowMs();
    if (leftMs <= 0) return timeoutOf(response);
    const received = await flow.receive(receiveBytesMax, leftMs);
    if (received.type === 'timed_out') return timeoutOf(response);
    if (received.type === 'ended') {
      return needsCleanEnd && !received.isClean ? 'SSL read error: no close_notify' : null;
    }
    if (received.type !== 'received') return readFault(received);
    if (isComplete) {
      bytesAfter += received.bytes.length;
      if (bytesAfter > pageBytesEnough) return 'SSL read error: it does not end';
      continue;
    }
    const progress = response.take(received.bytes);
    if (progress.type === 'refused') return `Read error: ${progress.reason}`;
    isComplete = progress.type === 'complete';
    if (isComplete && !needsCleanEnd) return null;
  }
}

export function connectFault(failure: FlowFailure): string {
  if (failure.type === 'timed_out') return 'Timeout connecting';
  return failure.type === 'refused' ? 'Connection failed' : `Connection failed: ${failure.reason}`;
}

/** keepalived has two names for it: before anything has come, and after. */
function timeoutOf(response: Response): string {
  return response.bytes === 0 ? 'Timeout WEB read' : 'Timeout HTTP read';
}

function sendFault(failure: FlowFailure): string {
  if (failure.type === 'timed_out') return 'Timeout WEB write';
  return failure.type === 'refused' ? 'Write error' : `Write error: ${failure.reason}`;
}

function readFault(failure: FlowFailure): string {
  return failure.type === 'failed' ? `Read error: ${failure.reason}` : 'Read error';
}
