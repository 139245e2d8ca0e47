// The definitions that need no definition: `${_PWD}`, `${_INSTANCE}`, `${_RANDOM [MIN [MAX]]}`,
// `${_ENV NAME}`, `${_HASH}` and `${_BANG}`.
import { err, ok, type Result } from 'neverthrow';
import { folderOf } from './glob.js';

/** What they are made of. */
export type Surroundings = {
  /** The file that the use stands in. */
  readonly file: string;
  readonly configId: string;
  /** 0 <= x < 1. */
  readonly random: () => number;
  readonly environment: (name: string) => string | undefined;
};

/** The error is why there is no text at all. */
type Answer = Result<{ readonly text: string; readonly notice: string | null }, string>;
type BuiltIn = {
  readonly wordsMax: number;
  readonly answer: (words: readonly string[], surroundings: Surroundings) => Answer;
};

const builtIns: Readonly<Record<string, BuiltIn>> = {
  _PWD: { wordsMax: 0, answer: (_, { file }) => plain(workingFolder(file)) },
  _INSTANCE: { wordsMax: 0, answer: (_, { configId }) => plain(configId) },
  _RANDOM: { wordsMax: 2, answer: randomInteger },
  _ENV: { wordsMax: 1, answer: environmentText },
  _HASH: { wordsMax: 0, answer: () => plain('#') },
  _BANG: { wordsMax: 0, answer: () => plain('!') },
};

export const builtInNames: readonly string[] = Object.keys(builtIns);

/** null: there is none of this name that takes so many words. The error says what is wrong. */
export function builtIn(
  name: string,
  words: readonly string[],
  surroundings: Surroundings,
): Answer | null {
  const found = Object.hasOwn(builtIns, name) ? builtIns[name] : undefined;
  if (found === undefined || words.length > found.wordsMax) return null;
  return found.answer(words, surroundings);
}

function workingFolder(file: string): string {
  const folder = folderOf(file);
  if (folder === '') return '.';
  return folder === '/' ? folder : folder.slice(0, -1);
}

function randomInteger(
  [minText = '0', maxText = '32767']: readonly string[],
  { random }: Surroundings,
): Answer {
  const isNumber = /^\d{1,10}$/;
  if (!isNumber.test(minText) || !isNumber.test(maxText)) {
    return err(
      `\${_RANDOM MIN MAX} takes numbers of at most ten digits, not ${minText} ${maxText}`,
    );
  }
  const min = Number(minText);
  const max = Number(maxText);
  if (min > max) {
    return err(`\${_RANDOM MIN MAX} with MIN ${min} above MAX ${max}; exchange the two`);
  }
  return plain(String(min + Math.floor(random() * (max - min + 1))));
}

function environmentText([name]: readonly string[], { environment }: Surroundings): Answer {
  if (name === undefined) {
    return err(`\${_ENV} names no environment variable; write \${_ENV NAME}`);
  }
  const text = environment(name);
  if (text !== undefined) return plain(text);
  const notice = `the environment has no ${name}, which counts as empty; set it for the daemon`;
  return ok({ text: '', notice });
}

function plain(text: string): Answer {
  return ok({ text, notice: null });
}
