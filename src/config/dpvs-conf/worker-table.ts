// worker_defs of dpvs.conf: the threads, and in DPVS which queue each of them serves.
import { flag, headed, replacedBy, setting } from '../keywords.js';
import { choice, integer, many, word } from '../phrases.js';

const queuesFollowWorkers = 'worker N serves queue N of every port; nothing to assign.';
const noIsolation =
  'the queues of a port absorb bursts; set pktpool_size higher where they overflow.';

const queueIds = many(integer(0, 16));

const workerPortTable = {
  rx_queue_ids: replacedBy(
    setting('Receive queues that the worker serves.', queueIds),
    queuesFollowWorkers,
  ),
  tx_queue_ids: replacedBy(
    setting('Transmit queues that the worker uses.', queueIds),
    queuesFollowWorkers,
  ),
  // DPVS takes what is no number for "none", in the place of that queue.
  isol_rx_cpu_ids: replacedBy(
    setting('CPUs that only receive, for each of the queues.', many(word('CPU'))),
    noIsolation,
  ),
  isol_rxq_ring_sz: replacedBy(
    setting('Packets that wait between such a CPU and the worker.', integer(1024, 2_147_483_648), {
      fallback: 1_048_576,
    }),
    noIsolation,
  ),
};

const cpuIdMax = 1023;

export const workerTable = {
  type: setting(
    'What the thread does: the master controls, slaves forward.',
    choice('master', 'slave', 'kni'),
    { fallback: 'slave' },
  ),
  cpu_id: setting(
    'Which CPU it runs on: a place in the list behind -l, counted from 0.',
    integer(0, cpuIdMax),
  ),
  icmp_redirect_core: replacedBy(
    flag('This worker hands ICMP errors to the worker of the connection.'),
    'workers hand each other what arrives at the wrong one.',
  ),
  port: headed('The queues of one port that the worker serves.', word('DEVICE'), workerPortTable),
};

export const workersTable = {
  worker: headed('One thread of the data plane.', word('NAME'), workerTable),
};
