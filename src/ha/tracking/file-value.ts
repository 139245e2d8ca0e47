// The number in a tracked file: what stands at its beginning; anything else, and no file, is 0.

const valueMax = 2_147_483_647;

export function fileValue(text: string | null): number {
  const found = /^\s*([-+]?[0-9]+)/.exec(text ?? '');
  if (found === null) return 0;
  // "-0" is a zero like any other.
  return Math.min(Math.max(Number(found[1]), -valueMax - 1), valueMax) + 0;
}
