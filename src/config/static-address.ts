// static_ipaddress: addresses put on kernel interfaces at start.
import type { Word } from '../../grammar/syntax-tree.js';
import type { Prefix } from '../net/prefix.js';
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
  const device = wordAfter('dev', words, report);
  if (prefix === undefined || device === undefined) return undefined;
  if (device !== null) return { prefix, device };
  const message = `${words[0].text} needs an interface: ${words[0].text} dev INTERFACE`;
  report.error('config.missing_argument', words[0].position, message);
  return undefined;
}

/**
 * The word behind the option `name`; null when the option is not there, undefined after an error.
 * Every other option is reported: nothing on the line goes unread.
 */
export function wordAfter(
  name: string,
  words: readonly [Word, ...Word[]],
  report: Report,
): string | null | undefined {
  let found: string | null = null;
  for (let index = 1; index < words.length; index += 2) {
    const option = words[index];
    const value = words[index + 1];
    if (option?.text !== name) {
      const message = `"${option?.text}" is not known here; known is: ${name}`;
      report.error('config.unknown_option', option?.position ?? words[0].position, message);
      return undefined;
    }
    if (value === undefined) {
      report.error('config.missing_argument', option.position, `${name} is missing its word`);
      return undefined;
    }
    found = value.text;
  }
  return found;
}
