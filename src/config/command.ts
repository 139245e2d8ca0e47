// Commands (scripts) behind a keyword: keepalived reads the rest of the line again with rules like
// those of a shell, and then the command itself, one of its words, once more. So a path with a
// space needs two levels of quotes.
import { type Argument, optional, type Phrase, word } from './phrases.js';
import type { WordReader } from './word-reader.js';

/** The program and its arguments. */
export type Command = readonly [string, ...string[]];

export type CommandAs = {
  readonly command: Command;
  /** null: script_user. */
  readonly user: string | null;
  readonly group: string | null;
};

type Split =
  | { readonly type: 'words'; readonly words: readonly string[] }
  | { readonly type: 'wrong'; readonly reason: string };

/** "CMD" and nothing else. */
export const command: Phrase<Command> = {
  kind: 'command',
  shape: '"COMMAND [ARGUMENT…]"',
  read: (words) => readCommand(words)?.command,
  write: (value) => [writeCommand(value)],
};

/** "CMD" [USER [GROUP]] */
export const commandAs: Phrase<CommandAs> = {
  kind: 'commandAs',
  shape: '"COMMAND [ARGUMENT…]" [USER [GROUP]]',
  read: readCommand,
  write: ({ command: value, user, group }) => [
    writeCommand(value),
    ...[user, group].flatMap((name) => (name === null ? [] : [escaped(name, '\\')])),
  ],
};

/** One text, by the same rules: a regular expression keeps its quotes and spaces this way. */
export const shellWord = (shape: string): Phrase<string> => ({
  shape,
  read: (words) => {
    const [text, extra] = wordsOf(words, shape) ?? [];
    if (extra === undefined) return text;
    return wrong(words, `"${extra}" is one word too many; put quotes around ${shape}`);
  },
  write: (value) => [`"${escaped(value, '\\')}"`],
});

/** USER [GROUP] of a keyword of its own. */
export type Owner = { readonly user: string; readonly group: string | null };

const name: Argument<string> = word('NAME');

export const owner: Phrase<Owner> = {
  kind: 'owner',
  shape: 'USER [GROUP]',
  read: (words) => {
    const user = name.read(words);
    if (user === undefined) return undefined;
    const group = optional(name, null).read(words);
    return group === undefined ? undefined : { user, group };
  },
  write: ({ user, group }) => [...name.write(user), ...(group === null ? [] : name.write(group))],
};

function readCommand(words: WordReader): CommandAs | undefined {
  const all = wordsOf(words, 'a command, in double quotes when it has arguments');
  const [text, user = null, group = null] = all ?? [];
  if (text === undefined) return undefined;
  const parts = shellSplit(text);
  if (parts.type === 'wrong') return wrong(words, parts.reason);
  const [program, ...rest] = parts.words;
  if (program === undefined) return wrong(words, 'the command is empty');
  return { command: [program, ...rest], user, group };
}

function wordsOf(words: WordReader, expected: string): readonly string[] | undefined {
  if (words.peek() === undefined) return words.missing(expected);
  words.takeAll();
  const split = shellSplit(words.rest);
  if (split.type === 'wrong') return wrong(words, split.reason);
  return split.words.length > 0 ? split.words : words.missing(expected);
}

function wrong({ subject, report }: WordReader, reason: string): undefined {
  report.error('config.syntax', subject.position, `${subject.text}: ${reason}`);
}

const whiteSpace = /[ \t\n\v\f\r]/;

export function shellSplit(text: string): Split {
  const words: string[] = [];
  let current: string | null = null;
  let quote: string | null = null;
  for (let index = 0; index < text.length; ) {
    const letter = text[index] ?? '';
    if (letter === '\\') {
      const meant = escapedLetter(text, index + 1);
      if (meant === null) return { type: 'wrong', reason: 'nothing follows the last "\\"' };
      current = (current ?? '') + meant.text;
      index = meant.next;
      continue;
    }
    index += 1;
    if (quote !== null) {
      if (letter === quote) quote = null;
      else current += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      current ??= '';
    } else if (!whiteSpace.test(letter)) {
      current = (current ?? '') + letter;
    } else if (current !== null) {
      words.push(current);
      current = null;
    }
  }
  if (quote !== null) return { type: 'wrong', reason: `a ${quote} is not closed` };
  if (current !== null) words.push(current);
  return { type: 'words', words };
}

const controls: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['E', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/** What the letters behind a backslash stand for; null: there are none. */
function escapedLetter(text: string, from: number): { text: string; next: number } | null {
  const letter = text[from];
  if (letter === undefined) return null;
  const hex = /^x([0-9A-Fa-f]+)/.exec(text.slice(from, from + 16));
  if (hex !== null) {
    const code = Number.parseInt(hex[1]?.slice(-2) ?? '0', 16);
    return { text: String.fromCharCode(code), next: from + hex[0].length };
  }
  const octal = /^[0-7]{1,3}/.exec(text.slice(from, from + 3));
  if (octal !== null) {
    const code = Number.parseInt(octal[0], 8) & 0xff;
    return { text: String.fromCharCode(code), next: from + octal[0].length };
  }
  const control = text.charCodeAt(from + 1);
  if (letter === 'c' && from + 1 < text.length) {
    return { text: String.fromCharCode(control & 0x1f), next: from + 2 };
  }
  return { text: controls.get(letter) ?? letter, next: from + 1 };
}

/** Each word with its special letters escaped twice, once for each of the two readings. */
function writeCommand(value: Command): string {
  return `"${value.map((part) => (part === '' ? "''" : escaped(part, '\\\\'))).join(' ')}"`;
}

/** Letters with a meaning of their own as three octal digits. */
function escaped(text: string, prefix: string): string {
  return [...text]
    .map((letter) => {
      const isPlain = /^[A-Za-z0-9_./:=,@%+^~*?|&;()[\]$<>-]$/.test(letter) || letter > '\u007f';
      return isPlain ? letter : prefix + letter.charCodeAt(0).toString(8).padStart(3, '0');
    })
    .join('');
}
