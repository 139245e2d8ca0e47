// How the kernel schedules the calling thread alone: a thread that computes for a long time should
// not make another late that has a packet to send.
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { err, ok, type Result } from 'neverthrow';
import { describeSocketsError, setProcessors, setRealTime } from './sockets.js';

const maskOctets = 128;

/** `nice`: -20..19, 19 gives way the most. The error is the operating system's sentence. */
export function giveWay(nice: number): Result<void, string> {
  try {
    // "PID/task/TID"
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, nice);
    return ok(undefined);
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : String(cause));
  }
}

/** Runs before every thread without: SCHED_RR of 1..99; null: as usual. Children do not inherit. */
export function takePrecedence(priority: number | null): Result<void, string> {
  return setRealTime(priority ?? 0).mapErr(describeSocketsError);
}

/**
 * `work` at the priority of the thread that it wakes. Whoever holds a lock that a real-time thread
 * wants must not be preempted by it, or it waits until this thread gets a processor again, for tens
 * of milliseconds on a busy machine; a message port takes such a lock around the wake-up.
 */
export function withPrecedence(priority: number | null, work: () => void): void {
  const isRaised =
    priority !== null &&
    takePrecedence(priority).match(
      () => true,
      () => false,
    );
  try {
    work();
  } finally {
    // To be a usual thread is never refused.
    if (isRaised) takePrecedence(null).unwrapOr(undefined);
  }
}

/** Runs on these CPUs, 0..1023; empty: on all. What it starts from then on inherits that. */
export function runOn(cpus: readonly number[]): Result<void, string> {
  const mask = new Uint8Array(maskOctets);
  if (cpus.length === 0) mask.fill(0xff);
  for (const cpu of cpus) mask[cpu >> 3] = (mask[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  return setProcessors(mask).mapErr(describeSocketsError);
}
