// What includes must satisfy from here on: levels that replace the ones so far, or that are added
// to them (+) or taken from them (-).
import { argument, many, type Phrase } from './phrases.js';

const level = argument(
  '[+|-]read|match|wildcard_match|brace_match',
  'read, match, wildcard_match or brace_match, with + or - to add or remove it',
  (text) => (/^[+-]?(read|match|wildcard_match|brace_match)$/.test(text) ? text : undefined),
);

const levels = many(level, 0);

/** Empty: all of them. */
export const includeCheck: Phrase<readonly string[]> = {
  ...levels,
  read: (words) => {
    const { position } = words;
    const values = levels.read(words);
    const late = values?.slice(1).find((value) => !/^[+-]/.test(value));
    if (late === undefined) return values;
    const message = `only the first level may replace the others; write +${late} or -${late}`;
    words.report.error('config.bad_argument', position, message);
    return undefined;
  },
};
