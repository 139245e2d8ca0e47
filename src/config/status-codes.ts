// HTTP status codes that count as success: "200 204 300-399". A wrong one is left out.
import type { Phrase } from './phrases.js';

export type StatusRange = { readonly first: number; readonly last: number };

const codeMin = 100;
const codeMax = 599;
const expected = `a status code, ${codeMin}-${codeMax}, or a range like 200-299`;

export const statusCodes: Phrase<readonly StatusRange[]> = {
  shape: '[CODE[-CODE]…]',
  read: (words) =>
    words.takeAll().flatMap((word) => parse(word.text) ?? words.wrong(word, expected) ?? []),
  write: (ranges) =>
    ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)),
};

function parse(text: string): StatusRange | undefined {
  if (!/^[0-9]{1,9}(-[0-9]{1,9})?$/.test(text)) return undefined;
  const [first = 0, last = first] = text.split('-').map(Number);
  return first >= codeMin && last <= codeMax && first <= last ? { first, last } : undefined;
}
