// V8 collects garbage with the help of its pool of threads and waits for them. On a busy machine
// one of these may not get a processor for tens of milliseconds, and a thread that has an advert to
// send waits for it, whatever priority it has itself. So every thread collects its own garbage.

/** Only from the start of a process: V8 may not be told later. */
export const collectsAlone = '--single-threaded-gc';

/** The options of Node that this process was started with, and the one that it should have been. */
export function wantedNodeOptions(given: readonly string[]): readonly string[] {
  return given.includes(collectsAlone) ? given : [...given, collectsAlone];
}
