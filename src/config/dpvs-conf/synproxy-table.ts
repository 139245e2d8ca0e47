// synproxy in ipvs_defs / tcp of dpvs.conf: the proxy that answers SYNs before a server sees them.
import { block, keptTable, setting } from '../keywords.js';
import { integer, onOff } from '../phrases.js';

const optionTable = keptTable({
  mss: setting('Largest segment that is announced.', integer(1, 65_535), { fallback: 1452 }),
  ttl: setting('Time to live of the answers.', integer(1, 255), { fallback: 63 }),
  sack: setting('Offer selective acknowledgements.', onOff, { fallback: true }),
  wscale: setting('Window scale that is offered.', integer(0, 14), { fallback: 0 }),
  timestamp: setting('Offer timestamps.', onOff, { fallback: false }),
});

const reuseTable = keptTable({
  close: setting('After a reset.', onOff, { fallback: true }),
  time_wait: setting('After both sides have closed.', onOff, { fallback: true }),
  fin_wait: setting('After one side has closed.', onOff, { fallback: false }),
  close_wait: setting('After the client has closed.', onOff, { fallback: false }),
  last_ack: setting('While the last acknowledgement is missing.', onOff, { fallback: false }),
});

export const synproxyTable = keptTable({
  synack_options: block('What the answer to a SYN offers.', optionTable),
  close_client_window: setting(
    'The client may send nothing before the server is connected.',
    onOff,
    { fallback: false },
  ),
  defer_rs_syn: setting('Connect to the server only once the client sends something.', onOff, {
    fallback: false,
  }),
  rs_syn_max_retry: setting('How often the server is asked again.', integer(1, 99), {
    fallback: 3,
  }),
  ack_storm_thresh: setting(
    'Equal acknowledgements after which more are dropped.',
    integer(1, 999),
    {
      fallback: 10,
    },
  ),
  max_ack_saved: setting('Packets of a client that wait for the server.', integer(1, 63), {
    fallback: 3,
  }),
  conn_reuse_state: block('Where a new SYN may open an old connection again.', reuseTable),
});
