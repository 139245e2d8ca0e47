// Conditional lines: `@ID rest` is used only if ID is the config id, `@^ID rest` only if it is not.
import { codeStart } from './comments.js';

/**
 * Where the rest of the line begins: 0 if there is no condition, null if the line is not used. A
 * marker alone is not used either.
 */
export function conditionEnd(text: string, configId: string): number | null {
  if (!text.startsWith('@')) return 0;
  const isReversed = text.startsWith('@^');
  const nameStart = isReversed ? 2 : 1;
  const nameEnd = text.slice(nameStart).search(/\s/) + nameStart;
  if (nameEnd < nameStart) return null;
  const isEqual = text.slice(nameStart, nameEnd) === configId;
  return isEqual === isReversed ? null : codeStart(text, nameEnd);
}
