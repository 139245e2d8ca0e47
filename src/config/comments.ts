// Comments: `#` or `!` outside double quotes, to the end of the line. `\#` and `\!` are letters.

/** Where the comment begins and white space before it ends: the code is `text.slice(0, end)`. */
export function codeEnd(text: string): number {
  let end = commentStart(text);
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

export function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** The first character that is not white space; `text.length` if there is none. */
export function codeStart(text: string, from = 0): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function commentStart(text: string): number {
  if (!text.includes('#') && !text.includes('!')) return text.length;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '\\') at += 1;
    else if (letter === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (letter === '#' || letter === '!')) return at;
  }
  return text.length;
}

/** Outside quotes `\#` -> `#`: the text that a definition stands for. */
export function withoutEscapes(code: string): string {
  return mapUnquoted(code, (pair) => (pair === '\\#' || pair === '\\!' ? pair.slice(1) : pair));
}

/** Outside quotes `#` -> `\#`: what an expansion brought in is no comment. */
export function withEscapes(code: string): string {
  return mapUnquoted(code, (part) => (part === '#' || part === '!' ? `\\${part}` : part));
}

/** `map` gets letter by letter; a backslash together with what it escapes. */
function mapUnquoted(code: string, map: (part: string) => string): string {
  if (!code.includes('#') && !code.includes('!')) return code;
  let isQuoted = false;
  let mapped = '';
  for (let at = 0; at < code.length; at++) {
    const letter = code.charAt(at);
    const part = letter === '\\' ? code.slice(at, at + 2) : letter;
    if (letter === '"') isQuoted = !isQuoted;
    mapped += isQuoted ? part : map(part);
    at += part.length - 1;
  }
  return mapped;
}
