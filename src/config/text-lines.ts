// A text -> its lines, whatever ends them: LF, CRLF, or CR alone where the text has no LF.

export function textLines(text: string): string[] {
  const hasReturn = text.includes('\r');
  const isReturnOnly = hasReturn && !text.includes('\n');
  const lines = text.split(isReturnOnly ? '\r' : '\n');
  // What follows the last line end is a line only if something stands there.
  if (lines.at(-1) === '') lines.pop();
  if (!hasReturn || isReturnOnly) return lines;
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
