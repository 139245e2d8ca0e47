// The nice value of the calling thread alone: Linux keeps one for each thread, and a thread that
// computes for a long time should not make another late that has a packet to send.
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { err, ok, type Result } from 'neverthrow';

/** `nice`: 0..19, 19 gives way the most. The error is the operating system's sentence. */
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
