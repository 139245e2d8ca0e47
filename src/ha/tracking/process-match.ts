// Whether a process is one of those that a vrrp_track_process means.
import type { ProcessDefinition } from '../../config/tracking.js';
import type { SeenProcess } from '../../ports/process-list.js';

/** The kernel keeps 15 octets of a name (TASK_COMM_LEN - 1). */
const nameOctetsMax = 15;

export function isProcessOf(definition: ProcessDefinition, process: SeenProcess): boolean {
  if (!definition.comparesCommand) return shortName(definition.program) === process.name;
  const [program, ...given] = process.words;
  if (program !== definition.program) return false;
  const wanted = definition.arguments;
  if (wanted === null || given.length < wanted.length) return wanted === null;
  // No argument asked for, with param_match: there must be none.
  if (wanted.length === 0) return given.length === 0;
  if (definition.match !== 'partial' && given.length > wanted.length) return false;
  return wanted.every((word, index) => {
    const isLast = index === wanted.length - 1;
    const mayGoOn = isLast && definition.match === 'initial';
    return mayGoOn ? given[index]?.startsWith(word) === true : given[index] === word;
  });
}

/** What the kernel calls a process of this program. */
function shortName(program: string): string {
  const name = program.slice(program.lastIndexOf('/') + 1);
  return new TextDecoder().decode(new TextEncoder().encode(name).slice(0, nameOctetsMax));
}
