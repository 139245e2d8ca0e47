// ipvs_defs of dpvs.conf: connections, and how UDP and TCP are treated.
import { settingsDefaults } from '../../net/settings.js';
import {
  dropTcp,
  dropUdp,
  expireTemplates,
  tcpTimeoutTable,
  timeout,
  uoaMode,
  uoaPackets,
} from '../dataplane-settings.js';
import { block, keptTable, replacedBy, setting, type Table } from '../keywords.js';
import { integer, onOff } from '../phrases.js';
import type { Sentence } from '../sentence.js';
import { synproxyTable } from './synproxy-table.js';

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
  }),
  expire_quiescent_template: expireTemplates,
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

export const udpTable = {
  defence_udp_drop: dropUdp,
  uoa_mode: uoaMode,
  uoa_max_trail: uoaPackets,
  timeout: block('How long UDP connections live.', {
    ...keptTable({ oneway: timeout('Without an answer so far.', 300) }),
    normal: timeout('With packets in both directions.', settingsDefaults.timeouts.udp),
    ...keptTable({ last: timeout('In any other state.', 2) }),
  }),
};

export const tcpTable = {
  defence_tcp_drop: dropTcp,
  timeout: block('How long TCP connections live in each state.', {
    ...tcpTimeoutTable,
    ...keptTable({
      listen: timeout('Waiting for a SYN.', 120),
      synack: timeout('The SYN proxy waits for the client.', 30),
      last: timeout('In any other state.', 2),
    }),
  }),
  ...keptTable({ synproxy: block('How the SYN proxy answers for the servers.', synproxyTable) }),
};

export const ipvsTable = {
  conn: block('The table of connections.', connectionTable),
  udp: block('What concerns UDP.', udpTable),
  tcp: block('What concerns TCP.', tcpTable),
} satisfies Table;
