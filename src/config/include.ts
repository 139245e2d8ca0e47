// Include lines: what they ask for, and which of the files that match are to be read.
import type { Position } from '../../grammar/syntax-tree.js';
import type { ConfigFiles } from '../ports/config-files.js';
import type { Complaints } from './complaints.js';
import { folderOf, type GlobMatch, glob, hasWildcard } from './glob.js';

/**
 * What must be so: `read`: every match is a readable file; `match`: a name without wildcard is
 * there; `wildcardMatch`: also one with a wildcard; `braceMatch`: each alternative
 * of the braces that has no wildcard.
 */
type Check = 'read' | 'match' | 'wildcardMatch' | 'braceMatch';
export type IncludeChecks = ReadonlySet<Check>;

const allChecks: readonly Check[] = ['read', 'match', 'wildcardMatch', 'braceMatch'];
export const noIncludeChecks: IncludeChecks = new Set();
export const allIncludeChecks: IncludeChecks = new Set(allChecks);

const keywords: Readonly<Record<string, readonly Check[]>> = {
  include: [],
  includer: ['read'],
  includem: ['read', 'match'],
  includew: ['read', 'match', 'wildcardMatch'],
  includeb: ['read', 'braceMatch'],
  includea: allChecks,
};

const checkNames: Readonly<Record<string, readonly Check[]>> = {
  read: ['read'],
  readable: ['read'],
  match: ['read', 'match'],
  wildcard_match: ['read', 'match', 'wildcardMatch'],
  brace_match: ['read', 'braceMatch'],
};

export type IncludeLine = {
  /** As it was written, relative or not; may be empty. */
  readonly name: string;
  readonly checks: IncludeChecks;
};

/** null: the code is no include line. `checks` are those of the file that it stands in. */
export function includeLine(code: string, checks: IncludeChecks): IncludeLine | null {
  if (!code.startsWith('include')) return null;
  const match = /^(include[rmwba]?)(?:\s+|(?=")|$)/.exec(code);
  if (match === null) return null;
  const name = unquoted(code.slice(match[0].length).trim());
  return { name, checks: new Set([...checks, ...(keywords[match[1] ?? ''] ?? [])]) };
}

/** `include_check [[+|-]CHECK]…` with the names of `checkNames`; null: the code is no such line. */
export function includeCheckLine(code: string, checks: IncludeChecks): IncludeChecks | null {
  if (!/^include_check(?!\S)/.test(code)) return null;
  const [, ...words] = code.split(/\s+/);
  if (words.length === 0) return allIncludeChecks;
  // Words without a sign say what it is from now on; signs change what it was.
  const changed = new Set(/^[+-]/.test(words[0] ?? '') ? checks : []);
  for (const word of words) {
    const isRemoved = word.startsWith('-');
    const named = checkNames[word.replace(/^[+-]/, '')] ?? [];
    if (!isRemoved) for (const check of named) changed.add(check);
    else for (const check of named.slice(-1)) changed.delete(check);
  }
  return changed;
}

/** The error of each is reported here; the rest is to be read, in order. */
export function includedPaths(
  { name, checks }: IncludeLine,
  position: Position,
  files: ConfigFiles,
  complaints: Complaints,
): readonly string[] {
  if (name === '') {
    complaints.error('config.include', position, 'include needs the name of a file');
    return [];
  }
  const matches = glob(folderOf(position.file), name, files);
  if (matches === null) {
    const message = `${name} names too many files; write a narrower pattern`;
    complaints.error('config.include', position, message);
    return [];
  }
  reportMissing(name, matches, checks, position, complaints);
  const paths = matches.flatMap((match) => match.paths);
  return paths.filter((path) => {
    const obstacle = fileObstacle(path, files);
    if (obstacle === null) return true;
    if (checks.has('read')) {
      const message = `${path} ${obstacle}; it has to be a file that can be read`;
      complaints.error('config.include_required', position, message);
    } else {
      const message = `${path} ${obstacle} and is not read`;
      complaints.notice('config.include_skipped', position, message);
    }
    return false;
  });
}

/** null: it is a file to read. */
export function fileObstacle(path: string, files: ConfigFiles): string | null {
  const kind = files.kind(path);
  if (kind === 'directory') return 'is a directory';
  if (kind === 'executable') return 'is executable';
  return kind === 'other' ? 'is not a regular file' : null;
}

function reportMissing(
  name: string,
  matches: readonly GlobMatch[],
  checks: IncludeChecks,
  position: Position,
  complaints: Complaints,
): void {
  const missing = matches.filter(({ paths }) => paths.length === 0);
  if (missing.length === 0) return;
  const patterns = missing.map(({ pattern }) => pattern).join(', ');
  // A wildcard may well match nothing today.
  const isNamed = missing.some((match) => !match.hasWildcard);
  const isNothing = missing.length === matches.length;
  const isRequired =
    (isNothing && checks.has(hasWildcard(name) ? 'wildcardMatch' : 'match')) ||
    (matches.length > 1 && isNamed && checks.has('braceMatch'));
  if (isRequired) {
    const message = `nothing matches ${patterns}, and here it is required; create it`;
    complaints.error('config.include_required', position, message);
    return;
  }
  if (!isNamed) return;
  const advice = /\s/.test(name) ? '; the name is all that follows include' : '';
  const message = `${patterns}: no such file or directory; nothing is included here${advice}`;
  complaints.notice('config.include_missing', position, message);
}

/** A quoted name ends at its quote. */
function unquoted(text: string): string {
  return /^"([^"]*)"/.exec(text)?.[1] ?? text;
}
