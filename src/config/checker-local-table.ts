// The keywords of checks that look at something of this node: MISC_CHECK, FILE_CHECK and BFD_CHECK.
import { wholeSeconds } from './bounds.js';
import { checkTable, verdictTable } from './checker-table.js';
import { command, owner } from './command.js';
import { flag, setting } from './keywords.js';
import { mark } from './options.js';
import { integer, onOff, type Phrase } from './phrases.js';
import { text } from './text.js';
import { exactly, needed } from './word-count.js';

const { connect_timeout: _, ...repetition } = checkTable;

export const miscCheckTable = {
  misc_path: setting(
    'Run to see whether the server is up: it is if this ends with 0.',
    needed(command),
  ),
  misc_timeout: setting('How long it may run; 0 is delay_loop.', wholeSeconds(0, 4294), {
    defaultText: 'delay_loop',
  }),
  misc_dynamic: flag('It sets the weight as well: an exit code of 2 to 255 is weight + 2.'),
  user: setting('User and group that it runs as.', needed(owner), { defaultText: 'script_user' }),
  ...repetition,
  ...verdictTable,
};

const weightMax = 2_147_483_647;
const weight = needed(integer(-weightMax, weightMax));

const directions = {
  reverse: mark('The value of the file counts with the opposite sign.'),
  noreverse: mark('The value of the file counts as it is.'),
};

export type FileWeight = { readonly weight: number; readonly isReversed: boolean };

const fileWeight: Phrase<FileWeight> = {
  shape: `${weight.shape} [reverse|noreverse]`,
  options: directions,
  read: (words) => {
    const value = weight.read(words);
    if (value === undefined) return undefined;
    const word = words.peek();
    const direction = words.takeIf(...Object.keys(directions));
    if (direction === undefined && word !== undefined) {
      return words.wrong(word, 'reverse or noreverse behind the weight');
    }
    return { weight: value, isReversed: direction?.text === 'reverse' };
  },
  write: (value) => [...weight.write(value.weight), ...(value.isReversed ? ['reverse'] : [])],
};

export const fileCheckTable = {
  track_file: setting('track_file, defined before, whose value is looked at.', text('NAME')),
  weight: setting(
    'Times the value it is added to the weight of the server; 0: a value not 0 is a failure.',
    fileWeight,
    { defaultText: 'that of the track_file' },
  ),
};

export const bfdCheckTable = {
  name: setting(
    'bfd_instance, defined before, whose session must be up.',
    exactly(needed(text('NAME'))),
    {
      repeats: 'first',
    },
  ),
  alpha: setting('The server is down until the session is up.', onOff, {
    defaultText: 'as alpha of the real_server',
  }),
};
