// One line of a file -> the lines it stands for: conditions, definitions, sequences and the use of
// definitions, again and again until nothing changes.
import type { Position } from '../../grammar/syntax-tree.js';
import type { ConfigFiles } from '../ports/config-files.js';
import { codeEnd, codeStart, withEscapes, withoutEscapes } from './comments.js';
import type { Complaints } from './complaints.js';
import { conditionEnd } from './conditional-lines.js';
import { type Definitions, definitionAt } from './definitions.js';
import { includeLine, noIncludeChecks } from './include.js';
import { sequence, sequenceHead } from './sequences.js';
import type { SourceLine, SourceLines } from './source-lines.js';
import { type Substitution, substitute } from './substitute.js';

const nestingMax = 32;
const roundsMax = 4_000_000;

export type Expansion = {
  readonly configId: string;
  readonly random: () => number;
  readonly environment: ConfigFiles['environment'];
  readonly definitions: Definitions;
  readonly complaints: Complaints;
  readonly output: SourceLines;
  /** Takes each line that is done; `code` is its text without comment and escapes. */
  readonly emit: (line: SourceLine, code: string) => void;
};

/** A part of a line on its way. */
type Stretch = {
  /** The line of the file, from which all this comes. */
  readonly origin: { readonly file: string; readonly line: number; readonly text: string };
  readonly text: string;
  /** Where `text` stands in the file's line, 0-based; of an expanded one, where that was used. */
  readonly offset: number;
  readonly isExpanded: boolean;
  readonly depth: number;
  /** The definitions whose lines these are. */
  readonly within: readonly string[];
};

export function expandLine(file: string, line: number, text: string, expansion: Expansion): void {
  const end = codeEnd(text);
  const start = codeStart(text);
  if (start >= end) {
    expansion.emit({ file, line, text, column: null }, '');
    return;
  }
  const origin = { file, line, text };
  const code = text.slice(start, end);
  const stretch = { origin, text: code, offset: start, isExpanded: false, depth: 0, within: [] };
  expandStretch(stretch, expansion);
}

function expandStretch(stretch: Stretch, expansion: Expansion): void {
  const { complaints, configId, output } = expansion;
  const position = positionOf(stretch);
  if (output.isFull || !output.spend(stretch.text.length, position)) return;
  if (stretch.depth > nestingMax) {
    const message = `definitions and sequences are nested more than ${nestingMax} deep`;
    complaints.error('config.definition', position, message);
    return;
  }
  const start = conditionEnd(stretch.text, configId);
  if (start === null) return;
  const used = start === 0 ? stretch : from(stretch, start);
  const definition = definitionAt(used.text);
  if (definition !== null) define(definition, used, expansion);
  else if (!repeat(used, expansion)) expandParts(used, expansion);
}

function define(
  { name, value }: { readonly name: string; readonly value: string },
  stretch: Stretch,
  { complaints, definitions }: Expansion,
): void {
  if (!value.endsWith('\\')) {
    definitions.define(name, [withoutEscapes(value)]);
    return;
  }
  const message = `the definition of ${name} cannot have several lines here; begin a line with it`;
  complaints.error('config.definition', positionOf(stretch), message);
}

/** False: no sequence begins here. */
function repeat(stretch: Stretch, expansion: Expansion): boolean {
  const { complaints, definitions, output } = expansion;
  const head = sequenceHead(stretch.text);
  if (head === null) return false;
  const position = positionOf(stretch);
  const complain = (message: string) => complaints.error('config.sequence', position, message);
  if (head.isErr()) {
    complain(head.error);
    return true;
  }
  const { keyword, restStart } = head.value;
  const { within } = stretch;
  const substitution = substitutionOf(stretch, expansion);
  const inside = substitute(head.value.inside, { within, beginsLine: false }, substitution);
  if (inside === null) return true;
  if (inside.following.length > 0) {
    complain(`a definition of several lines is no value of ~${keyword}`);
    return true;
  }
  const found = sequence({ keyword, inside: inside.text });
  if (found.isErr()) {
    complain(found.error);
    return true;
  }
  const { names, rounds, valuesOf } = found.value;
  if (rounds > roundsMax) {
    complain(`~${keyword}(${inside.text}) has ${rounds} rounds; at most ${roundsMax} are possible`);
    return true;
  }
  const text = stretch.text.slice(restStart);
  if (text === '') return true;
  const before = names.map((name) => definitions.get(name));
  for (const [index, lines] of before.entries()) {
    if (lines === undefined) continue;
    const message = `${names[index]} is defined already; in these rounds it is their variable`;
    complaints.notice('config.sequence', position, message);
  }
  const rest = { ...stretch, text, isExpanded: true, depth: stretch.depth + 1 };
  const errorsBefore = complaints.errors;
  for (let round = 0; round < rounds && !output.isFull; round++) {
    // What is wrong in one round would be wrong in all of them.
    if (complaints.errors > errorsBefore) break;
    const values = valuesOf(round);
    for (const [index, name] of names.entries()) definitions.define(name, [values[index] ?? '']);
    expandStretch(rest, expansion);
  }
  for (const [index, name] of names.entries()) definitions.restore(name, before[index]);
  return true;
}

/**
 * A brace ends a line, so what follows it is a line of its own: it may be a condition, a
 * definition, a sequence or an include again.
 */
function expandParts(stretch: Stretch, expansion: Expansion): void {
  const cut = innerLineStart(stretch.text);
  if (cut === null || includeLine(stretch.text, noIncludeChecks) !== null) {
    replaceUses(stretch, expansion);
    return;
  }
  const head = { ...stretch, text: stretch.text.slice(0, cut).trimEnd() };
  replaceUses(head, expansion);
  expandStretch({ ...from(stretch, cut), depth: stretch.depth + 1 }, expansion);
}

/** In a text as a whole: could any of its lines have an inner line? */
export const innerLine = /[{}][ \t]*(?:@|\$[A-Za-z_]\w*=|~SEQ|~LST|include)/;

function innerLineStart(text: string): number | null {
  if (!innerLine.test(text)) return null;
  const starts = new RegExp(innerLine, 'y');
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '\\') at += 1;
    else if (letter === '"') isQuoted = !isQuoted;
    else if (letter === '$' && text[at + 1] === '{') at = useEnd(text, at);
    else if (!isQuoted && (letter === '{' || letter === '}')) {
      starts.lastIndex = at;
      if (starts.test(text)) return codeStart(text, at + 1);
    }
  }
  return null;
}

/** The braces of `${NAME}` end no line. */
function useEnd(text: string, start: number): number {
  const end = text.indexOf('}', start);
  return end < 0 ? text.length : end;
}

function replaceUses(stretch: Stretch, expansion: Expansion): void {
  if (!stretch.text.includes('$')) {
    emit(stretch, expansion);
    return;
  }
  const { text: code, within } = stretch;
  const substitution = substitutionOf(stretch, expansion);
  const replaced = substitute(code, { within, beginsLine: true }, substitution);
  if (replaced === null) return;
  const { text, replacedAt, following } = replaced;
  if (replacedAt === null) {
    emit(stretch, expansion);
    return;
  }
  const offset = stretch.isExpanded ? stretch.offset : stretch.offset + replacedAt;
  const expanded = { ...stretch, offset, isExpanded: true, depth: stretch.depth + 1 };
  expandStretch({ ...expanded, text: text.trim() }, expansion);
  for (const line of following) expandStretch({ ...expanded, ...line }, expansion);
}

function emit(stretch: Stretch, { emit }: Expansion): void {
  const { origin, text: code, offset, isExpanded } = stretch;
  if (code === '') return;
  const { file, line } = origin;
  if (isExpanded) {
    const text = withEscapes(code);
    emit({ file, line, text, column: offset + 1 }, code);
    return;
  }
  // Blanks in place of what stood before keep the columns; a comment goes with the last part.
  const before = origin.text.slice(0, offset);
  const indent = codeStart(before) === offset ? before : ' '.repeat(offset);
  const end = offset + code.length;
  const isLast = end === codeEnd(origin.text);
  const text = indent + origin.text.slice(offset, isLast ? undefined : end);
  emit({ file, line, text, column: null }, withoutEscapes(code));
}

function substitutionOf(stretch: Stretch, expansion: Expansion): Substitution {
  const { definitions, complaints, output, configId, random, environment } = expansion;
  const { file } = stretch.origin;
  return {
    definitions,
    complaints,
    output,
    replacements: { count: 0 },
    surroundings: { file, configId, random, environment },
    positionOf: (offset) => positionOf(stretch.isExpanded ? stretch : from(stretch, offset)),
  };
}

function positionOf({ origin: { file, line }, offset }: Stretch): Position {
  return { file, line, column: offset + 1 };
}

function from(stretch: Stretch, start: number): Stretch {
  const offset = stretch.isExpanded ? stretch.offset : stretch.offset + start;
  return { ...stretch, text: stretch.text.slice(start), offset };
}
