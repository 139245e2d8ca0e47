// The keywords of health checkers.
import { block, obsolete, setting } from './keywords.js';
import { address, integer, seconds } from './phrases.js';

const retry = setting(
  'Failures after the first before the server is down.',
  integer(0, 2_147_483_647),
);

/** What virtual_server and real_server set for the checkers inside as well. */
export const checkTable = {
  connect_timeout: setting('How long a connection attempt may take.', seconds(0.001, 4294)),
  retry,
  delay_before_retry: setting('Time between a failure and the next attempt.', seconds(0, 4294)),
  delay_loop: setting('Time between checks.', seconds(0.001, 4294)),
  warmup: setting('The first check comes after a random part of this.', seconds(0, 4294)),
};

export const tcpCheckTable = {
  connect_ip: setting("Address to connect to; the real server's own by default.", address),
  connect_port: setting("Port to connect to; the real server's own by default.", integer(1, 65535)),
  bindto: setting('Source address of the connection.', address),
  ...checkTable,
  nb_sock_retry: obsolete(retry, 'retry'),
};

export const checkerTable = {
  TCP_CHECK: block('The server is up while it accepts TCP connections.', tcpCheckTable, {
    repeats: 'all',
  }),
};
