// The tags of dpvs.conf: text between "<" and ">" is a comment, also in the middle of a line. DPVS
// marks with <init> what it reads only at its start; here a tag means nothing. It is blanked before
// the parser sees it, so that whatever stands in it (braces, "!") does no harm and columns stay.
import type { Line } from '../../../grammar/tokens.js';
import type { Report } from '../diagnostic.js';

export function withoutTags<L extends Line>(lines: readonly L[], report: Report): readonly L[] {
  return lines.map((line) => (line.text.includes('<') ? withoutTagsIn(line, report) : line));
}

function withoutTagsIn<L extends Line>(line: L, report: Report): L {
  let { text } = line;
  let isWordStart = true;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index] ?? '';
    if (letter === '#' || letter === '!') break;
    if (letter === '"') {
      const closing = text.indexOf('"', index + 1);
      if (closing < 0) break;
      index = closing;
      isWordStart = true;
    } else if (letter === '<' && isWordStart) {
      const closing = text.indexOf('>', index);
      if (closing < 0) reportUnclosed(line, index, report);
      const end = closing < 0 ? text.length : closing + 1;
      text = text.slice(0, index) + ' '.repeat(end - index) + text.slice(end);
      index = end - 1;
      isWordStart = true;
    } else {
      isWordStart = /[\s{}]/.test(letter);
      // An escaped "#" or "!" begins no comment.
      if (letter === '\\') index += 1;
    }
  }
  return { ...line, text };
}

function reportUnclosed({ file, line, column }: Line, index: number, report: Report): void {
  const position = { file, line, column: column ?? index + 1 };
  const message = 'this "<" begins a tag that is not closed; add a ">"';
  report.error('config.syntax', position, message);
}
