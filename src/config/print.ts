// What a file says -> canonical text: one statement a line, in the order of the tables, every
// spelling the current one. Reading it back gives the same.
import { type Printed, printedLines } from './printed.js';

export function printConfig(root: { print(): readonly Printed[] }): string {
  const blocks = root.print().map((printed) => `${printedLines(printed).join('\n')}\n`);
  return blocks.join('\n');
}
