// Where this checkout is, whether the code runs from its sources or from build/.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = findUp(dirname(fileURLToPath(import.meta.url)));

/** The path of one of our commands. */
export function command(name: string): string {
  return join(checkout, 'bin', name);
}

function findUp(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  return findUp(dirname(folder));
}
