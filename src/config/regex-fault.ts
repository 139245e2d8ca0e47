// What makes a PCRE2 expression unreadable for certain: brackets that are not closed or never
// opened, and what repeats nothing. Not a parser: an expression can have other faults.

/** A sentence about the first fault; null: none. */
export function regexFault(pattern: string): string | null {
  const open: number[] = [];
  let canRepeat = false;
  for (let index = 0; index < pattern.length; ) {
    const letter = pattern[index] ?? '';
    if (letter === '\\') {
      if (index + 1 === pattern.length) return 'nothing follows the last "\\"';
      index = afterEscape(pattern, index);
      canRepeat = true;
    } else if (letter === '[') {
      const end = afterClass(pattern, index);
      if (end === null) return `the "[" at ${index + 1} is not closed`;
      index = end;
      canRepeat = true;
    } else if (letter === '(') {
      open.push(index);
      index = afterOpening(pattern, index);
      canRepeat = false;
    } else if (letter === ')') {
      if (open.pop() === undefined) return `the ")" at ${index + 1} closes nothing`;
      index += 1;
      canRepeat = true;
    } else if ('*+?'.includes(letter)) {
      if (!canRepeat) return `the "${letter}" at ${index + 1} repeats nothing`;
      // One more letter makes it lazy or possessive.
      index += /^[?+]/.test(pattern.slice(index + 1)) ? 2 : 1;
      canRepeat = false;
    } else {
      index += 1;
      canRepeat = letter !== '|';
    }
  }
  const unclosed = open.pop();
  return unclosed === undefined ? null : `the "(" at ${unclosed + 1} is not closed`;
}

/** \Q begins text without any meaning, up to \E. */
function afterEscape(pattern: string, from: number): number {
  if (pattern[from + 1] !== 'Q') return from + 2;
  const end = pattern.indexOf('\\E', from);
  return end < 0 ? pattern.length : end + 2;
}

/** A "]" that is the first of a class is one of its letters; null: it has no end. */
function afterClass(pattern: string, from: number): number | null {
  let index = from + 1;
  if (pattern[index] === '^') index += 1;
  if (pattern[index] === ']') index += 1;
  while (index < pattern.length && pattern[index] !== ']') {
    if (pattern[index] === '\\') index = afterEscape(pattern, index);
    else if (/^\[:\^?[a-z]+:\]/.test(pattern.slice(index)))
      index = pattern.indexOf(':]', index) + 2;
    else index += 1;
  }
  return index < pattern.length ? index + 1 : null;
}

/** `(?<name>`, `(?:`, `(?=`, `(?<!`, `(?i` and their like, and verbs as `(*UTF`. */
const opening = /^\((?:\*[\w:=]*|\?(?:P?<[A-Za-z_]\w*>|'\w+'|<?[=!]|[:|>]|[\w^&+-]*:?))?/;

/** Behind what opens a group. In a comment nothing has a meaning. */
function afterOpening(pattern: string, from: number): number {
  const rest = pattern.slice(from);
  if (rest.startsWith('(?#')) return Math.max(pattern.indexOf(')', from), from + 3);
  return from + (opening.exec(rest)?.[0].length ?? 1);
}
