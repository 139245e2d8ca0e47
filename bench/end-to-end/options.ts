// The words after `npm run bench -- end-to-end`.

export type Options = {
  readonly isJson: boolean;
  /** For each figure. */
  readonly seconds: number;
  readonly cases: readonly string[];
};

const secondsDefault = 5;
const secondsMax = 60;

/** The options, or the sentence that says what is wrong with them. */
export function parseOptions(words: readonly string[], names: readonly string[]): Options | string {
  const cases: string[] = [];
  let seconds = secondsDefault;
  let isJson = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--json') isJson = true;
    else if (word === '--seconds') {
      const value = words[++index] ?? '';
      seconds = Number(value);
      if (!/^\d+$/.test(value) || seconds < 1 || seconds > secondsMax) {
        return `--seconds takes a whole number from 1 to ${secondsMax}, not "${value}"`;
      }
    } else if (names.includes(word)) cases.push(word);
    else if (word.startsWith('-')) return `no option "${word}": --seconds N and --json are known`;
    else return `no case "${word}": there are ${names.join(', ')}`;
  }
  return { isJson, seconds, cases: cases.length === 0 ? names : cases };
}
