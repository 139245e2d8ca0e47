// `$NAME` and `${NAME}` in one stretch of text -> what they stand for, definitions within
// definitions included. What is not defined stays as it is.
import type { Position } from '../../grammar/syntax-tree.js';
import { builtIn, type Surroundings } from './built-in-definitions.js';
import { isBlank } from './comments.js';
import type { Complaints } from './complaints.js';
import type { DefinitionLines, Definitions } from './definitions.js';
import type { SourceLines } from './source-lines.js';

/** One line of an expansion longer than this is no configuration. */
export const lineLengthMax = 65_536;
const nestingMax = 32;
const replacementsMax = 10_000;

/** A line of a definition that follows the one which took the place of `$NAME`. */
export type FollowingLine = {
  readonly text: string;
  /** The definitions that it is a line of, outermost first. */
  readonly within: readonly string[];
};

export type Substituted = {
  readonly text: string;
  /** Where the first replacement took place, 0-based; null: there was none. */
  readonly replacedAt: number | null;
  readonly following: readonly FollowingLine[];
};

export type Scope = {
  /** The definitions that the text is part of, outermost first. */
  readonly within: readonly string[];
  /** The text begins a line, so it may be a sequence. */
  readonly beginsLine: boolean;
};

export type Substitution = {
  readonly definitions: Definitions;
  readonly surroundings: Surroundings;
  readonly complaints: Complaints;
  readonly output: SourceLines;
  /** Of one line, definitions within definitions included. */
  readonly replacements: { count: number };
  /** Of a place in the text as it was given. */
  readonly positionOf: (offset: number) => Position;
};

const sequenceStart = /^\s*~(SEQ|LST)/;

/** The parts: name in braces, its words, name without braces. */
const use = /\$(?:\{([A-Za-z_]\w*)([ \t][^{}]*)?\}|([A-Za-z_]\w*))/g;

/** null: an error, which is reported; the text is good for nothing. */
export function substitute(
  text: string,
  scope: Scope,
  substitution: Substitution,
): Substituted | null {
  const { output, positionOf, complaints } = substitution;
  // The rest of a sequence is for its rounds to replace.
  if (!text.includes('$') || (scope.beginsLine && sequenceStart.test(text))) {
    return { text, replacedAt: null, following: [] };
  }
  let replaced = '';
  let rest = 0;
  let replacedAt: number | null = null;
  let following: readonly FollowingLine[] = [];
  for (const match of text.matchAll(use)) {
    const position = positionOf(match.index);
    const lines = linesOf(match, substitution, position);
    if (lines === undefined) continue;
    if (lines === null) return null;
    substitution.replacements.count += 1;
    if (substitution.replacements.count > replacementsMax) {
      complain(
        substitution,
        position,
        `the line uses definitions more than ${replacementsMax} times`,
      );
      return null;
    }
    const name = nameOf(match);
    const beginsLine = scope.beginsLine && text.slice(0, match.index).trim() === '';
    const inner = expand(
      name,
      lines,
      { ...scope, beginsLine },
      { ...substitution, positionOf: () => position },
    );
    if (inner === null) return null;
    if (!output.spend(inner.text.length, position)) return null;
    const end = match.index + match[0].length;
    if (inner.following.length > 0 && text.slice(end).trim() !== '') {
      complain(substitution, position, `$${name} has several lines, so it must end its line`);
      return null;
    }
    replacedAt ??= match.index;
    replaced += text.slice(rest, match.index) + inner.text;
    following = inner.following;
    rest = end;
    if (beginsLine && sequenceStart.test(inner.text)) break;
    if (replaced.length > lineLengthMax) {
      const message = `the line grows beyond ${lineLengthMax} characters by $${name}; left out`;
      complaints.error('config.too_long', position, message);
      return null;
    }
  }
  return { text: replaced + text.slice(rest), replacedAt, following };
}

/** The first line of a definition with what it names replaced, and the lines that follow it. */
function expand(
  name: string,
  lines: DefinitionLines,
  { within, beginsLine }: Scope,
  substitution: Substitution,
): Omit<Substituted, 'replacedAt'> | null {
  const position = substitution.positionOf(0);
  const names = [...within, name];
  if (within.includes(name)) {
    const chain = names.slice(within.indexOf(name)).join(' -> ');
    complain(substitution, position, `the definition of ${name} uses itself (${chain})`);
    return null;
  }
  if (names.length > nestingMax) {
    const message = `definitions are nested more than ${nestingMax} deep (${names[0]} -> …)`;
    complain(substitution, position, message);
    return null;
  }
  const [first, ...others] = lines;
  const inner = substitute(first, { within: names, beginsLine }, substitution);
  if (inner === null) return null;
  if (inner.following.length === 0 && others.length === 0) return inner;
  const following = [...inner.following, ...others.map((text) => ({ text, within: names }))];
  return { text: inner.text, following };
}

/** undefined: it stays as it is; null: an error, which is reported. */
function linesOf(
  match: RegExpExecArray,
  substitution: Substitution,
  position: Position,
): DefinitionLines | null | undefined {
  const { definitions, surroundings, complaints } = substitution;
  const name = nameOf(match);
  const words = (match[2] ?? '').split(/\s+/).filter((word) => word !== '');
  const lines = words.length === 0 ? definitions.get(name) : undefined;
  if (match[3] !== undefined && !isDelimited(match)) {
    if (lines !== undefined && match.input[match.index + match[0].length] !== '=') {
      const message = `$${name} is not replaced, as text follows it directly; write \${${name}}`;
      complaints.notice('config.undefined_name', position, message);
    }
    return undefined;
  }
  if (lines !== undefined) return lines;
  const answer = builtIn(name, words, surroundings);
  if (answer === null) {
    const message = `${match[0]} is not defined here and stays as it is${hint(name, definitions)}`;
    complaints.notice('config.undefined_name', position, message);
    return undefined;
  }
  if (answer.isErr()) {
    complain(substitution, position, answer.error);
    return null;
  }
  const { text, notice } = answer.value;
  if (notice !== null) complaints.notice('config.undefined_name', position, notice);
  return [text];
}

function nameOf(match: RegExpExecArray): string {
  return match[1] ?? match[3] ?? '';
}

/** A name without braces ends at white space, a comma, a closing parenthesis or the line's end. */
function isDelimited(match: RegExpExecArray): boolean {
  const end = match.index + match[0].length;
  const next = match.input.charCodeAt(end);
  return end === match.input.length || isBlank(next) || next === 0x2c || next === 0x29;
}

function hint(name: string, definitions: Definitions): string {
  const known = definitions.nearestTo(name);
  return known === null ? '' : `; did you mean \${${known}}?`;
}

function complain({ complaints }: Substitution, position: Position, message: string): void {
  complaints.error('config.definition', position, message);
}
