// The options behind an address, as in iproute2: "dev eth0 scope global label eth0:1". Only `dev`
// is acted on; those that would not change where packets go are accepted with a notice.
import type { Word } from '../../grammar/syntax-tree.js';
import type { Report } from './diagnostic.js';

const notActedOn: Readonly<Record<string, 'word' | 'flag'>> = {
  scope: 'word',
  label: 'word',
  broadcast: 'word',
  brd: 'word',
  track_group: 'word',
  home: 'flag',
  '-nodad': 'flag',
  mngtmpaddr: 'flag',
  noprefixroute: 'flag',
  autojoin: 'flag',
  no_track: 'flag',
};

/** The interface behind `dev`; null when there is none, undefined after an error. */
export function readDevice(
  words: readonly [Word, ...Word[]],
  report: Report,
): string | null | undefined {
  let device: string | null = null;
  for (let index = 1; index < words.length; index++) {
    const option = words[index] ?? words[0];
    const kind = option.text === 'dev' ? 'word' : kindOf(option);
    if (kind === undefined) {
      const known = ['dev', ...Object.keys(notActedOn)].join(', ');
      const message = `"${option.text}" is not known here; known are: ${known}`;
      report.error('config.unknown_option', option.position, message);
      return undefined;
    }
    const value = kind === 'word' ? words[++index] : option;
    if (value === undefined) {
      report.error('config.missing_argument', option.position, `${option.text} needs a word`);
      return undefined;
    }
    if (option.text === 'dev') device = value.text;
    else warnNotActedOn(option, report);
  }
  return device;
}

function kindOf({ text }: Word): 'word' | 'flag' | undefined {
  return Object.hasOwn(notActedOn, text) ? notActedOn[text] : undefined;
}

function warnNotActedOn({ text, position }: Word, report: Report): void {
  report.notice('config.not_acted_on', position, `"${text}" is accepted but not acted on`);
}
