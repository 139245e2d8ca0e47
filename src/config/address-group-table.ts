// deny_address_group and allow_address_group (DPVS): clients that a service drops, or that alone it
// serves.
import { type AddressRange, addressRange } from './address-range.js';
import { headedLines, keptTable } from './keywords.js';
import { argument, word } from './phrases.js';

export type ClientEntry =
  | { readonly type: 'range'; readonly range: AddressRange }
  | { readonly type: 'ipset'; readonly name: string };

/** Linux has 32 octets for the name of an ipset, the last one 0. */
const ipsetPattern = /^ipset:(\S{1,31})$/;

export const clientEntry = argument(
  `${addressRange.shape}|ipset:NAME`,
  `${addressRange.expected}, or ipset:NAME with 31 characters at most`,
  parseEntry,
  (entry) =>
    entry.type === 'ipset' ? `ipset:${entry.name}` : addressRange.write(entry.range).join(),
);

export const addressGroupRootTable = keptTable({
  deny_address_group: headedLines(
    'Clients that a service drops, by daddr_group_name.',
    word('NAME'),
    clientEntry,
  ),
  allow_address_group: headedLines(
    'Clients that a service serves and no others, by waddr_group_name.',
    word('NAME'),
    clientEntry,
  ),
});

function parseEntry(text: string): ClientEntry | undefined {
  const name = ipsetPattern.exec(text)?.[1];
  if (name !== undefined) return { type: 'ipset', name };
  const range = addressRange.parse(text);
  return range === undefined ? undefined : { type: 'range', range };
}
