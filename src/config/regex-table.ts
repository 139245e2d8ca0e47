// Keywords of a url about the regular expression (PCRE2) that the page must match.
import type { ExpressionOption } from '../ports/regex.js';
import { shellWord } from './command.js';
import { flag, setting } from './keywords.js';
import { loggedOnly } from './logged-only.js';
import { integer, type Phrase, sequence } from './phrases.js';
import { exactly } from './word-count.js';

const optionNames = [
  'allow_empty_class',
  'alt_bsux',
  'alt_circumflex',
  'alt_verbnames',
  'auto_callout',
  'caseless',
  'dollar_endonly',
  'dotall',
  'dupnames',
  'extended',
  'firstline',
  'match_unset_backref',
  'multiline',
  'never_backslash_c',
  'never_ucp',
  'never_utf',
  'no_auto_capture',
  'no_auto_possess',
  'no_dotstar_anchor',
  'no_start_optimize',
  'ucp',
  'ungreedy',
  'use_offset_limit',
  'utf',
] as const satisfies readonly ExpressionOption[];

/** keepalived passes over words that it does not know. */
const regexOptions: Phrase<readonly ExpressionOption[]> = {
  shape: '[OPTION…]',
  read: (words) =>
    words.takeAll().flatMap((word) => {
      const known = optionNames.find((name) => name === word.text);
      if (known !== undefined) return known;
      const message = `"${word.text}" is no option; known are: ${optionNames.join(', ')}`;
      words.report.notice('config.unknown_option', word.position, message);
      return [];
    }),
  write: (names) => names,
};

const size = integer(0, Number.MAX_SAFE_INTEGER);

const stackSizes = sequence({ start: size, max: size });

const stack: typeof stackSizes = {
  ...stackSizes,
  shape: 'START MAX',
  read: (words) => {
    const { position } = words;
    const sizes = stackSizes.read(words);
    if (sizes === undefined || sizes.start <= sizes.max) return sizes;
    const message = `regex_stack starts with ${sizes.start}, more than its maximum ${sizes.max}`;
    words.report.error('config.bad_argument', position, message);
    return undefined;
  },
};

export const regexTable = {
  regex: setting(
    'The response, its head too, must match this PCRE2 expression; quoted as in a shell.',
    loggedOnly(shellWord('REGEX')),
  ),
  regex_no_match: flag('The response must not match it.'),
  regex_options: setting(
    'How it is compiled, by the names of PCRE2 in lower case, as caseless or dotall.',
    regexOptions,
    { repeats: 'all' },
  ),
  regex_min_offset: setting(
    'A match may start at this octet of the response or later.',
    loggedOnly(exactly(size)),
    { fallback: 0 },
  ),
  regex_max_offset: setting(
    'A match may start at this octet of the response or earlier.',
    loggedOnly(exactly(size)),
    { defaultText: 'the end of the response' },
  ),
  regex_stack: setting(
    'Octets of the stack that matching starts with and may grow to; all checks share it.',
    loggedOnly(exactly(stack)),
    { defaultText: 'as PCRE2 has it' },
  ),
};
