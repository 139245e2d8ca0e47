// Names that must have been given to something.
import type { Position } from '../../grammar/syntax-tree.js';
import type { Report } from './diagnostic.js';
import { nearest } from './nearest.js';

/** `keyword` is what the name should be of. */
export function checkKnown(
  keyword: string,
  name: string,
  position: Position,
  known: Iterable<string>,
  report: Report,
): void {
  const names = [...known];
  if (names.includes(name)) return;
  const near = nearest(name, names);
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  report.error('config.unknown_name', position, `there is no ${keyword} ${name}${hint}`);
}
