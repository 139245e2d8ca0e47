// The words after `npm run bench -- end-to-end`.

export type Options = {
  readonly isJson: boolean;
  /** For each figure. */
  readonly seconds: number;
  /** How often every case is measured, in turn. */
  readonly rounds: number;
  readonly cases: readonly string[];
};

/** Options with a number: what they are without, and the most that they take. */
const numbers = {
  '--seconds': { without: 5, most: 60 },
  '--rounds': { without: 1, most: 20 },
} as const;

/** The options, or the sentence that says what is wrong with them. */
export function parseOptions(words: readonly string[], names: readonly string[]): Options | string {
  const cases: string[] = [];
  const chosen: Record<keyof typeof numbers, number> = {
    '--seconds': numbers['--seconds'].without,
    '--rounds': numbers['--rounds'].without,
  };
  let isJson = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--json') isJson = true;
    else if (word === '--seconds' || word === '--rounds') {
      const value = words[++index] ?? '';
      const { most } = numbers[word];
      if (!/^\d+$/.test(value) || Number(value) < 1 || Number(value) > most) {
        return `${word} takes a whole number from 1 to ${most}, not "${value}"`;
      }
      chosen[word] = Number(value);
    } else if (names.includes(word)) cases.push(word);
    else if (word.startsWith('-')) {
      return `no option "${word}": --seconds N, --rounds N and --json are known`;
    } else return `no case "${word}": there are ${names.join(', ')}`;
  }
  return {
    isJson,
    seconds: chosen['--seconds'],
    rounds: chosen['--rounds'],
    cases: cases.length === 0 ? names : cases,
  };
}
