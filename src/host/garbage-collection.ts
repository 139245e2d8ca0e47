// How V8 collects the daemon's garbage, which only the start of a process can say: of two options
// of Node.
//
// Every thread collects its own: with the help of V8's pool it would wait for threads that may not
// get a processor for tens of milliseconds, and have adverts to send meanwhile, whatever its own
// priority is. And the main thread collects what is young when there is little of it, for what was
// made since the last time and lives is copied at once.
import { setFlagsFromString } from 'node:v8';

const collectsAlone = '--single-threaded-gc';
/** MiB; V8's own choice is 16. */
const youngMax = '--max-semi-space-size';
const wanted = [collectsAlone, `${youngMax}=2`];

/** The options of Node that this process was started with, and those that it should have been. */
export function wantedNodeOptions(given: readonly string[]): readonly string[] {
  return [...given, ...wanted.filter((option) => !given.includes(option))];
}

export function isStartedAsWanted(given: readonly string[]): boolean {
  return wanted.every((option) => given.includes(option));
}

/** Threads that are started from now on compute much at a time, and nobody waits for them. */
export function leaveOthersAsUsual(): void {
  setFlagsFromString(`${youngMax}=0`);
}
