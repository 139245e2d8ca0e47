// Definitions: `$NAME=value`, several lines if each but the last ends with `\`. A definition is
// replaced where it is used, so its text may name definitions that come later or change.
import { builtInNames } from './built-in-definitions.js';
import { codeEnd, codeStart, withoutEscapes } from './comments.js';
import { conditionEnd } from './conditional-lines.js';
import { nearest } from './nearest.js';

/** The lines that a name stands for; most have one. */
export type DefinitionLines = readonly [string, ...string[]];

const hintsMax = 100;
const hintNamesMax = 1000;

export class Definitions {
  readonly #lines = new Map<string, DefinitionLines>();
  readonly #nearest = new Map<string, string | null>();

  get(name: string): DefinitionLines | undefined {
    return this.#lines.get(name);
  }

  /** The defined name that was probably meant; null: none is near. */
  nearestTo(name: string): string | null {
    const known = this.#nearest.get(name);
    if (known !== undefined) return known;
    // A text full of unknown names must not take a search each.
    if (this.#nearest.size === hintsMax) return null;
    const names = [...this.#lines.keys()].slice(0, hintNamesMax);
    const found = nearest(name, [...names, ...builtInNames]);
    this.#nearest.set(name, found);
    return found;
  }

  define(name: string, lines: DefinitionLines): void {
    this.#lines.set(name, lines);
  }

  /** As it was before: a variable of a sequence lives as long as its rounds. */
  restore(name: string, lines: DefinitionLines | undefined): void {
    if (lines === undefined) this.#lines.delete(name);
    else this.#lines.set(name, lines);
  }
}

const definition = /^\$([A-Za-z_]\w*)=/;

/** null: the code is no definition. No space may stand before the `=`. */
export function definitionAt(code: string): { name: string; value: string } | null {
  const match = definition.exec(code);
  if (match === null) return null;
  const [head, name = ''] = match;
  return { name, value: code.slice(codeStart(code, head.length)) };
}

/** A definition of several lines while it is read, line by line as they stand in the file. */
export class OpenDefinition {
  /** null: its condition is not met, so its lines are passed over. */
  readonly #name: string | null;
  readonly #lines: string[] = [];

  private constructor(name: string | null) {
    this.#name = name;
  }

  /** null: no definition begins here, or it ends with this line. */
  static begin(text: string, configId: string): OpenDefinition | null {
    if (!continues(text)) return null;
    const code = withoutMark(text);
    const start = conditionEnd(code, configId);
    // A definition whose condition is not met still has to be passed over as a whole.
    const found = definitionAt(start === null ? code.replace(/^\S+\s+/, '') : code.slice(start));
    if (found === null) return null;
    const opened = new OpenDefinition(start === null ? null : found.name);
    opened.#append(found.value);
    return opened;
  }

  /** False: this was its last line. */
  append(text: string): boolean {
    this.#append(withoutMark(text));
    return continues(text);
  }

  close(definitions: Definitions): void {
    const [first = '', ...others] = this.#lines;
    if (this.#name !== null) definitions.define(this.#name, [first, ...others]);
  }

  #append(code: string): void {
    if (code !== '') this.#lines.push(withoutEscapes(code));
  }
}

/** Also behind a comment: keepalived looks at the last letter of the line. */
function continues(text: string): boolean {
  return text.trimEnd().endsWith('\\');
}

function withoutMark(text: string): string {
  const line = text.trimEnd();
  const unmarked = line.endsWith('\\') ? line.slice(0, -1) : line;
  return unmarked.slice(0, codeEnd(unmarked)).trimStart();
}
