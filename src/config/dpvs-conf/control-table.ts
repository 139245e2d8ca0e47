// timer_defs, ctrl_defs and sa_pool of dpvs.conf: machinery of DPVS that Keelson does not have.
import { block, replacedBy, setting } from '../keywords.js';
import { choice, integer, onOff, word } from '../phrases.js';

const noMessages = 'workers look at the current tables with every burst; no messages go to them.';
const portsBySteering =
  'local ports are chosen so that replies reach the worker of the connection, without flow rules.';

export const timerTable = {
  schedule_interval: replacedBy(
    setting('Time between two looks at the timers, in microseconds.', integer(1, 10_000_000), {
      fallback: 10,
    }),
    'each worker looks for what has expired as it goes; nothing to set.',
  ),
};

const workerMessageTable = {
  ring_size: replacedBy(
    setting('Messages that may wait for a worker.', integer(256, 524_288), { fallback: 4096 }),
    noMessages,
  ),
  sync_msg_timeout_us: replacedBy(
    setting('How long an answer is waited for, in microseconds.', integer(1, 2_147_483_647), {
      fallback: 2000,
    }),
    noMessages,
  ),
  priority_level: replacedBy(
    setting('How urgent messages are next to packets.', choice('low', 'norm', 'high', 'ign'), {
      fallback: 'low',
    }),
    noMessages,
  ),
};

const toolMessageTable = {
  unix_domain: replacedBy(
    setting('Socket that the tools connect to; gone from later versions.', word('PATH')),
    'the socket is in the runtime directory; DPVS_IPC_FILE tells the tools of another one.',
  ),
};

export const controlTable = {
  lcore_msg: block('Messages between the workers.', workerMessageTable),
  ipc_msg: block('Messages from the tools; gone from later versions.', toolMessageTable),
};

export const sourceAddressPoolTable = {
  pool_hash_size: replacedBy(
    setting('Buckets of the pool of each local address.', integer(1, 128), { fallback: 16 }),
    portsBySteering,
  ),
  flow_enable: replacedBy(
    setting('Flow rules bring replies to the worker of the connection.', onOff, {
      fallback: true,
    }),
    portsBySteering,
  ),
};
