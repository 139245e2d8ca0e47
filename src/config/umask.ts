// The file mode creation mask: octal, decimal or hexadecimal, or the names of its bits as in
// <sys/stat.h>: IRUSR|IWUSR.
import type { Phrase } from './phrases.js';

const max = 0o777;

const bits: ReadonlyMap<string, number> = new Map([
  ['IRUSR', 0o400],
  ['IWUSR', 0o200],
  ['IXUSR', 0o100],
  ['IRGRP', 0o040],
  ['IWGRP', 0o020],
  ['IXGRP', 0o010],
  ['IROTH', 0o004],
  ['IWOTH', 0o002],
  ['IXOTH', 0o001],
]);

const names = [...bits.keys()].join(', ');
const expected = `a number, 0-0777 octal, or bits as in IRUSR|IWUSR (${names})`;

/** 0..0o777 */
export const umask: Phrase<number> = {
  shape: 'OCTAL|DECIMAL|HEXADECIMAL|BIT[|BIT…]',
  read: (words) => {
    const all = words.takeAll();
    const [first] = all;
    if (first === undefined) return words.missing(expected);
    // Spaces may stand around the "|", so several words can be one list of names.
    const value = parse(all.map(({ text }) => text).join(''), all.length);
    return value ?? words.wrong(first, expected);
  },
  write: (value) => [`0${value.toString(8).padStart(3, '0')}`],
};

function parse(written: string, wordCount: number): number | undefined {
  if (!/^[0-9]/.test(written)) return parseNames(written.split('|'));
  const value = parseNumber(written);
  return wordCount === 1 && value <= max ? value : undefined;
}

/** NaN: it is none. */
function parseNumber(written: string): number {
  if (/^0x[0-9a-f]+$/i.test(written)) return Number.parseInt(written, 16);
  if (/^0[0-7]*$/.test(written)) return Number.parseInt(written, 8);
  return /^[1-9][0-9]*$/.test(written) ? Number(written) : Number.NaN;
}

function parseNames(names: readonly string[]): number | undefined {
  let value = 0;
  for (const name of names) {
    const bit = bits.get(name);
    if (bit === undefined) return undefined;
    value |= bit;
  }
  return value;
}
