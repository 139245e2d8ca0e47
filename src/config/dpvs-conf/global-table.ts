// global_defs of dpvs.conf: what is logged, and what is turned on in the process as a whole.
import { kept, replacedBy, setting } from '../keywords.js';
import { caselessChoice, integer, onOff, word } from '../phrases.js';

const stderrOnly = 'messages go to stderr; redirect it, or let the service manager keep them.';
const noAsyncLog = 'workers never write to a log, so there is nothing to hand over.';

const logLevel = caselessChoice(
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERR',
  'CRIT',
  'ALERT',
  'EMERG',
);

export const dpvsGlobalTable = {
  log_level: kept(
    setting('The least important messages that are logged.', logLevel, { fallback: 'INFO' }),
  ),
  log_file: replacedBy(
    setting('File that messages go to.', word('PATH'), { defaultText: 'stderr' }),
    stderrOnly,
  ),
  log_with_timestamp: replacedBy(
    setting('Each message that is logged asynchronously begins with the time.', onOff, {
      fallback: false,
    }),
    'whoever keeps stderr stamps its lines; nothing to set.',
  ),
  log_async_mode: replacedBy(
    setting('A thread of its own writes the messages.', onOff, { fallback: false }),
    noAsyncLog,
  ),
  log_async_pool_size: replacedBy(
    setting('Messages that may wait for that thread.', integer(1023, 2_147_483_647), {
      fallback: 16_383,
    }),
    noAsyncLog,
  ),
  pdump: kept(setting('Packets may be captured from another process.', onOff, { fallback: false })),
  kni: replacedBy(
    setting('Each port has a companion interface in the kernel.', onOff, { fallback: true }),
    'every port has its companion, a TAP that needs no /dev/vhost-net.',
  ),
  lldp: kept(
    setting('Tell the switches by LLDP what is connected to them.', onOff, { fallback: false }),
  ),
};
