// What a file says -> canonical text: one statement a line, in the order of the tables, every
// spelling the current one. Reading it back gives the same.
import { printedLines } from './printed.js';
import type { Root } from './root-table.js';

export function printConfig(root: Root): string {
  const blocks = root.print().map((printed) => `${printedLines(printed).join('\n')}\n`);
  return blocks.join('\n');
}
