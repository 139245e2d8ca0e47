// ipvs_defs of dpvs.conf: connections, and how UDP and TCP are treated.
import { wholeSeconds } from '../bounds.js';
import { block, keptTable, replacedBy, setting, type Table } from '../keywords.js';
import { choice, integer, onOff } from '../phrases.js';
import type { Sentence } from '../sentence.js';
import { synproxyTable } from './synproxy-table.js';

const lifetime = wholeSeconds(1, 31_535_999);

function timeout(documentation: Sentence, fallback: number) {
  return setting(documentation, lifetime, { fallback: fallback * 1000 });
}

function offByDefault(documentation: Sentence) {
  return setting(documentation, onOff, { fallback: false });
}

export const connectionTable = {
  conn_pool_size: setting(
    'Connections of all workers together; each gets its share of the table.',
    integer(65_536, 2_147_483_647),
    { fallback: 1_048_575 },
  ),
  conn_pool_cache: replacedBy(
    setting('Connections that each worker keeps at hand.', integer(1, 2_147_483_647), {
      fallback: 256,
    }),
    'each worker has a table of its own.',
  ),
  ...keptTable({
    conn_init_timeout: timeout('How long a connection lives that has no state yet.', 3),
    expire_quiescent_template: offByDefault(
      'Clients are no longer held to a server whose weight is 0.',
    ),
  }),
  fast_xmit_close: replacedBy(
    offByDefault('Look up the way of each packet anew.'),
    'each connection remembers its next hop, and whether that is still right.',
  ),
  ...keptTable({
    xmit_ttl: offByDefault('Count down the time to live of packets that are forwarded.'),
  }),
  redirect: replacedBy(
    offByDefault('Hand packets that reach the wrong worker to the right one.'),
    'workers always hand each other what arrives at the wrong one.',
  ),
};

const udpTable = keptTable({
  defence_udp_drop: offByDefault('Drop UDP packets that are for no service.'),
  uoa_mode: setting(
    'How a server learns the client of UDP: a protocol of DPVS, or an IP option.',
    choice('opp', 'ipo'),
    { fallback: 'opp' },
  ),
  uoa_max_trail: setting('Packets of a connection that tell the client.', integer(0, 255), {
    fallback: 3,
  }),
  timeout: block('How long UDP connections live.', {
    oneway: timeout('Without an answer so far.', 300),
    normal: timeout('With packets in both directions.', 300),
    last: timeout('In any other state.', 2),
  }),
});

const tcpTimeoutTable = {
  none: timeout('Without a state.', 2),
  established: timeout('Both sides may send.', 90),
  syn_sent: timeout('A SYN was sent on.', 3),
  syn_recv: timeout('The SYN was answered.', 30),
  fin_wait: timeout('One side has closed.', 7),
  time_wait: timeout('Both sides have closed.', 7),
  close: timeout('The connection was reset.', 3),
  close_wait: timeout('The server still may send.', 7),
  last_ack: timeout('The last acknowledgement is missing.', 7),
  listen: timeout('Waiting for a SYN.', 120),
  synack: timeout('The SYN proxy waits for the client.', 30),
  last: timeout('In any other state.', 2),
};

const tcpTable = keptTable({
  defence_tcp_drop: offByDefault('Drop TCP packets that belong to no connection and open none.'),
  timeout: block('How long TCP connections live in each state.', tcpTimeoutTable),
  synproxy: block('How the SYN proxy answers for the servers.', synproxyTable),
});

export const ipvsTable = {
  conn: block('The table of connections.', connectionTable),
  udp: block('What concerns UDP.', udpTable),
  tcp: block('What concerns TCP.', tcpTable),
} satisfies Table;
