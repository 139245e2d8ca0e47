// The keywords of global_defs about files: what is read and when, and what is written where.
import { includeCheck } from './include-check.js';
import { flag, keptTable, setting } from './keywords.js';
import { integer, onOff, optional } from './phrases.js';
import { text } from './text.js';
import { exactly, needed } from './word-count.js';

const path = text('PATH');
const folder = text('FOLDER');

export const globalFileTable = keptTable(
  {
    include_check: setting(
      'What every include after it must satisfy; all of it without a word.',
      includeCheck,
      { repeats: 'all', defaultText: 'nothing, or everything with -e' },
    ),
    config_save_dir: setting('Folder that keeps a copy of every configuration read.', folder),
    tmp_config_directory: setting(
      'Folder for the copy of the configuration that all processes read.',
      needed(folder),
      { repeats: 'first', defaultText: 'memory' },
    ),
    reload_check_config: setting(
      'Test the new configuration before a reload; complaints go to the file.',
      optional(path, '/dev/null'),
      { defaultText: 'off' },
    ),
    reload_time_file: setting(
      'File with the time of the next reload: HH:MM:SS, a date, or +SECONDS.',
      exactly(needed(path)),
    ),
    reload_repeat: flag('Keep reload_time_file after the reload and repeat it every day.'),
    reload_file: setting('File that exists while a reload runs.', optional(path, null), {
      defaultText: 'off; without a word keepalived.reload beside the pid files',
    }),
    data_use_instance: setting('Names of dump files carry the name of the instance.', onOff, {
      fallback: false,
    }),
    state_dump_file: setting('Where the state is dumped to.', path, {
      defaultText: '/tmp/keepalived.data',
    }),
    stats_dump_file: setting('Where the statistics are dumped to.', path, {
      defaultText: '/tmp/keepalived.stats',
    }),
    json_dump_file: setting('Where the state is dumped to as JSON.', path, {
      defaultText: '/tmp/keepalived.json',
    }),
    json_version: setting('Form of the JSON dump.', integer(1, 2), { fallback: 1 }),
  },
  'data_use_instance',
  'state_dump_file',
  'stats_dump_file',
  'json_dump_file',
  'json_version',
);

/** Numbers of routing tables, protocols and scopes by name. */
export const globalNameTable = {
  iproute_usr_dir: setting('Folder with the tables of names that iproute2 ships.', folder),
  iproute_etc_dir: setting(
    'Folder with tables of names that override those of iproute_usr_dir.',
    folder,
  ),
};
