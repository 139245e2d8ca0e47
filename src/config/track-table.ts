// What instances and groups can track: vrrp_script, vrrp_track_process and track_file; and the
// blocks in which they name what they track.
import { command, owner } from './command.js';
import { alias, flag, headed, lines, setting } from './keywords.js';
import {
  choice,
  integer,
  interfaceName,
  many,
  optional,
  type Phrase,
  seconds,
  word,
} from './phrases.js';
import { trackEntry } from './track-entry.js';
import { weightUpTo } from './weight.js';
import { needed } from './word-count.js';

const weight253 = setting(
  'Added to the priority, or taken from it; 0: failure is a FAULT.',
  weightUpTo(253),
  {
    fallback: { weight: 0, isReversed: false },
  },
);
const weight254 = setting(
  'Added to the priority, or taken from it; 0: failure is a FAULT.',
  weightUpTo(254),
  {
    fallback: { weight: 0, isReversed: false },
  },
);

export const vrrpScriptTable = {
  script: setting('What is run; exit code 0 is success.', command, { repeats: 'first' }),
  interval: setting('Time from one run to the next.', seconds(0.000001, 4294), { fallback: 1000 }),
  timeout: setting('How long a run may take before it counts as a failure.', seconds(0, 4294), {
    defaultText: 'as interval',
  }),
  weight: weight253,
  rise: setting('Successes in a row that make it up.', integer(1, 2_147_483_647), { fallback: 1 }),
  fall: setting('Failures in a row that make it down.', integer(1, 2_147_483_647), { fallback: 1 }),
  user: setting('User and group that it runs as.', owner, { defaultText: 'script_user' }),
  init_fail: flag('It counts as down until its first success.'),
};

/** Words as they stand: of a quoted one the spaces belong to the name of the program. */
const processLine: Phrase<readonly string[]> = {
  ...many(word('WORD')),
  shape: 'NAME|"NAME" [ARGUMENT…]',
};

export const trackProcessTable = {
  process: setting('The process: its name, or its command with arguments.', processLine, {
    repeats: 'first',
  }),
  param_match: setting(
    'Its arguments may begin with those given, or hold them anywhere.',
    optional(choice('initial', 'partial'), null),
    { defaultText: 'they must be equal' },
  ),
  weight: weight254,
  quorum: setting('So many of it must run.', integer(1, 65535), { fallback: 1 }),
  quorum_max: setting('More of it are a failure; 0: none may run.', integer(0, 65535), {
    defaultText: 'any number',
  }),
  delay: setting('How long a change must last before it counts.', seconds(0, 3600), {
    fallback: 0,
  }),
  fork_delay: setting('The same for processes that start.', seconds(0, 3600), {
    defaultText: 'as delay',
  }),
  terminate_delay: setting('The same for processes that end.', seconds(0, 3600), {
    defaultText: 'as delay',
  }),
  full_command: flag('Compare the whole command line, not only the name of the program.'),
};

export const trackFileTable = {
  file: setting('The file; the number in it counts.', word('PATH'), { repeats: 'first' }),
  weight: setting(
    'Times the number in the file it is added to the priority; 0: each number but 0 is a FAULT.',
    weightUpTo(254),
    { fallback: { weight: 1, isReversed: false } },
  ),
  init_file: setting(
    'Make the file at the start, with this number; overwrite: also one that is there.',
    initFile(),
    { defaultText: 'off' },
  ),
};

type InitFile = { readonly value: number | null; readonly overwrites: boolean };

function initFile(): Phrase<InitFile> {
  const number = integer(-2_147_483_648, 2_147_483_647);
  return {
    shape: '[NUMBER] [overwrite]',
    options: {
      overwrite: { documentation: 'Also a file that is there.', phrase: null, isActedOn: true },
    },
    read: (words) => {
      let value: number | null = null;
      let overwrites = false;
      while (words.peek() !== undefined) {
        if (words.takeIf('overwrite') !== undefined) overwrites = true;
        else {
          const found = number.read(words);
          if (found === undefined) return undefined;
          value = found;
        }
      }
      return { value, overwrites };
    },
    write: ({ value, overwrites }) => [
      ...(value === null ? [] : [String(value)]),
      ...(overwrites ? ['overwrite'] : []),
    ],
  };
}

const name = needed(word('NAME'));
const trackFile = headed('A file whose number counts.', name, trackFileTable);

export const trackRootTable = {
  vrrp_script: headed('A program that is run again and again.', name, vrrpScriptTable),
  vrrp_track_process: headed('A process that must run.', name, trackProcessTable),
  track_file: trackFile,
  vrrp_track_file: alias(trackFile, 'track_file'),
};

/** In vrrp_instance and vrrp_sync_group. */
export const trackingTable = {
  track_interface: lines('Interfaces that must be up.', {
    ...trackEntry('interface', 253, false),
    shape: `${interfaceName.shape} [weight NUMBER] [reverse]`,
  }),
  track_script: lines('vrrp_scripts that must succeed.', trackEntry('script', 253, true)),
  track_file: lines('track_files whose numbers count.', trackEntry('file', 254, true)),
  track_process: lines('vrrp_track_processes that must run.', trackEntry('process', 254, true)),
  track_bfd: lines('bfd_instances that must be up.', trackEntry('bfd', 253, true)),
};
