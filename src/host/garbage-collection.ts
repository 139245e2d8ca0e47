// V8 collects garbage with the help of its pool of threads and waits for them. On a busy machine
// one of these may not get a processor for tens of milliseconds, and a thread that has an advert to
// send waits for it, whatever priority it has itself. So every thread collects its own garbage.

/** Only from the start of a process: V8 may not be told later. */
export const collectsAlone = '--single-threaded-gc';

/**
 * Of the main thread: what a flood of packets leaves behind is collected early and in small parts,
 * and is no memory that stays.
 */
const youngMegabytes = '--max-semi-space-size=4';

/** For the other threads, which compute: V8's own limit (three times 16 MB). */
export const workerLimits = { maxYoungGenerationSizeMb: 48 };

/** The options of Node that this process was started with, and those that it should have been. */
export function wantedNodeOptions(given: readonly string[]): readonly string[] {
  return given.includes(collectsAlone) ? given : [...given, collectsAlone, youngMegabytes];
}
