// How many files this process may have open (RLIMIT_NOFILE). Node raises the soft limit to the hard
// one when it starts.
import { readFileSync } from 'node:fs';

/** Where the kernel does not say: what every Linux allows. */
const anyLinux = 1024;

export function openFilesMax(path = '/proc/self/limits'): number {
  const found = /^Max open files\s+([0-9]+|unlimited)\s/m.exec(textOf(path))?.[1];
  if (found === undefined) return anyLinux;
  return found === 'unlimited' ? Number.POSITIVE_INFINITY : Number(found);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
