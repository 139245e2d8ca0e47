// File names with `{a,b}`, `*`, `?` and `[a-z]`, as glob(3) understands them: names are sorted, a
// name that begins with a dot is matched only by a dot, and `\` takes the meaning from a letter.
import type { ConfigFiles } from '../ports/config-files.js';

export type GlobMatch = {
  /** One alternative of the braces. */
  readonly pattern: string;
  readonly hasWildcard: boolean;
  /** Sorted; empty: nothing has this name. */
  readonly paths: readonly string[];
};

const alternativesMax = 1000;
const foldersMax = 10_000;

/**
 * One entry per alternative, which is relative to `folder` ("" or with a "/" at its end); null:
 * more alternatives or folders than can be meant.
 */
export function glob(
  folder: string,
  pattern: string,
  files: Pick<ConfigFiles, 'list' | 'kind'>,
): readonly GlobMatch[] | null {
  const alternatives = braceAlternatives(pattern);
  if (alternatives === null) return null;
  let listed = 0;
  const list = (path: string): readonly string[] => {
    listed += 1;
    return listed > foldersMax ? [] : files.list(path).unwrapOr([]);
  };
  const matches = alternatives.map((alternative): GlobMatch => {
    const base = alternative.startsWith('/') ? '/' : folder;
    const found = matchingPaths(base, alternative, list);
    const paths = found.filter((path) => files.kind(path) !== 'missing');
    return {
      pattern: alternative.startsWith('/') ? alternative : folder + alternative,
      hasWildcard: hasWildcard(alternative),
      paths,
    };
  });
  return listed > foldersMax ? null : matches;
}

export function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern.replace(/\\./g, ''));
}

function matchingPaths(
  base: string,
  pattern: string,
  list: (folder: string) => readonly string[],
): string[] {
  let paths = [base];
  const segments = pattern.split('/').filter((segment) => segment !== '');
  for (const [index, segment] of segments.entries()) {
    const slash = index < segments.length - 1 ? '/' : '';
    if (!hasWildcard(segment)) {
      const name = segment.replace(/\\(.)/g, '$1');
      paths = paths.map((path) => path + name + slash);
      continue;
    }
    paths = paths.flatMap((path) =>
      list(path === '' ? '.' : path)
        .filter((name) => isMatch(name, segment))
        .toSorted()
        .map((name) => path + name + slash),
    );
  }
  return segments.length === 0 ? [] : paths;
}

/** null: more than are allowed. "a{b,c}" -> ["ab", "ac"]; "{}" means itself. */
export function braceAlternatives(pattern: string): string[] | null {
  const done: string[] = [];
  const waiting = [pattern];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const brace = firstBrace(next);
    if (brace === null) done.push(next);
    else waiting.push(...brace.toReversed());
    if (done.length + waiting.length > alternativesMax) return null;
  }
  return done;
}

/** The text once for each alternative of its first brace; null: it has none. */
function firstBrace(text: string): string[] | null {
  for (let open = 0; open < text.length; open++) {
    if (text[open] === '\\') open += 1;
    else if (text[open] === '{' && text[open + 1] !== '}') {
      const parts = braceParts(text, open);
      if (parts === null) return null;
      const after = text.slice(parts.end);
      return parts.alternatives.map((part) => text.slice(0, open) + part + after);
    }
  }
  return null;
}

function braceParts(text: string, open: number): { alternatives: string[]; end: number } | null {
  const alternatives: string[] = [];
  let start = open + 1;
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (letter === '\\') at += 1;
    else if (letter === '{') depth += 1;
    else if (letter === '}') depth -= 1;
    if (depth === 0 || (depth === 1 && letter === ',')) {
      alternatives.push(text.slice(start, at));
      start = at + 1;
    }
    if (depth === 0) return { alternatives, end: at + 1 };
  }
  return null;
}

/** Greedy with one way back, the last `*`: no text makes it slow. */
export function isMatch(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.') && !pattern.startsWith('\\.')) return false;
  let at = 0;
  let next = 0;
  let starNext = -1;
  let starAt = 0;
  while (at < name.length) {
    if (pattern[next] === '*') {
      next += 1;
      starNext = next;
      starAt = at;
      continue;
    }
    const end = elementEnd(name.charAt(at), pattern, next);
    if (end !== null) {
      next = end;
      at += 1;
    } else if (starNext >= 0) {
      next = starNext;
      starAt += 1;
      at = starAt;
    } else {
      return false;
    }
  }
  while (pattern[next] === '*') next += 1;
  return next === pattern.length;
}

/** Where the pattern goes on if its element at `next` takes the letter; null: it does not. */
function elementEnd(letter: string, pattern: string, next: number): number | null {
  const element = pattern[next];
  if (element === undefined) return null;
  if (element === '?') return next + 1;
  if (element === '[') {
    const close = pattern.indexOf(']', next + (/[!^]/.test(pattern[next + 1] ?? '') ? 3 : 2));
    if (close > 0) return isInSet(letter, pattern.slice(next + 1, close)) ? close + 1 : null;
  }
  const isEscaped = element === '\\' && next + 1 < pattern.length;
  const literal = isEscaped ? pattern[next + 1] : element;
  return literal === letter ? next + (isEscaped ? 2 : 1) : null;
}

/** "a-z_" or, with a leading ! or ^, everything but these. */
function isInSet(letter: string, set: string): boolean {
  const isNegated = set.startsWith('!') || set.startsWith('^');
  const members = isNegated ? set.slice(1) : set;
  for (let at = 0; at < members.length; at++) {
    const low = members.charAt(at);
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    const high = isRange ? members.charAt(at + 2) : low;
    if (low <= letter && letter <= high) return !isNegated;
    if (isRange) at += 2;
  }
  return isNegated;
}

/** "/etc/keelson/a.conf" -> "/etc/keelson/"; "" for a bare name. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
