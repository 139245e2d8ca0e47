// The keywords of global_defs about virtual servers.
import { wholeSeconds } from './bounds.js';
import { alias, flag, keptTable, setting } from './keywords.js';
import { option, options } from './options.js';
import { choice, onOff, optional } from './phrases.js';
import { syncDaemon } from './sync-daemon.js';
import { needed } from './word-count.js';

/** 31 days, as the kernel has it. */
const timeout = needed(wholeSeconds(0, 2_678_400));

const lvsTimeouts = options('lvs_timeouts', {
  tcp: option('Time for an open TCP connection.', timeout),
  tcpfin: option('Time for a TCP connection after a FIN.', timeout),
  udp: option('Time between UDP packets of a client.', timeout),
});

const flushOnStop = setting(
  'Remove all services when the daemon ends; VS: only those of this file.',
  optional(choice('VS'), null),
  { defaultText: 'off' },
);

const timeoutsKeyword = setting(
  'How long idle connections are remembered; 0 leaves a time as it is.',
  needed({ ...lvsTimeouts, shape: 'OPTION…' }),
  { repeats: 'all', defaultText: 'as timeouts of the dataplane block' },
);

const keptLvsTable = keptTable({
  lvs_flush: flag('Remove all services that are there at start.'),
  lvs_flush_on_stop: flushOnStop,
  lvs_flush_onstop: alias(flushOnStop, 'lvs_flush_on_stop'),
  lvs_sync_daemon: setting('Copies connections to the standby over this interface.', syncDaemon, {
    repeats: 'first',
  }),
});

export const globalLvsTable = {
  lvs_timeouts: timeoutsKeyword,
  checker_log_all_failures: setting(
    'Log every check that fails, not only those that change a state.',
    onOff,
    { fallback: false },
  ),
  ...keptLvsTable,
};
