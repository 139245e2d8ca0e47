// static_ipaddress: addresses put on kernel interfaces at start.
import type { Word } from '../../grammar/syntax-tree.js';
import type { Prefix } from '../net/prefix.js';
import { readDevice } from './address-options.js';
import type { Report } from './diagnostic.js';
import { entries, prefixAt } from './keywords.js';

export type StaticAddress = { readonly prefix: Prefix; readonly device: string };

export const staticAddressKeyword = entries(
  'Addresses put on kernel interfaces at start: ADDRESS/LENGTH dev INTERFACE.',
  readStaticAddress,
);

function readStaticAddress(
  words: readonly [Word, ...Word[]],
  report: Report,
): StaticAddress | undefined {
  const prefix = prefixAt(words[0], report);
  const device = readDevice(words, report);
  if (prefix === undefined || device === undefined) return undefined;
  if (device !== null) return { prefix, device };
  const message = `${words[0].text} needs an interface: ${words[0].text} dev INTERFACE`;
  report.error('config.missing_argument', words[0].position, message);
  return undefined;
}
