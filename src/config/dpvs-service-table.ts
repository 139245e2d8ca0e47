// Keywords that DPVS adds to virtual_server: its address groups, protections, limits, and what a
// virtual_server match NAME matches.
import {
  clientAddresses,
  countMax,
  establishedSecondsMax,
  proxyProtocols,
} from '../net/service.js';
import { clamped, wholeSeconds } from './bounds.js';
import { flag, keptTable, setting } from './keywords.js';
import { choice, integer, word } from './phrases.js';
import { trafficRange } from './traffic-range.js';

const group = word('GROUP');
const port = word('PORT');

const establishedMinMs = 1000;
const establishedMaxMs = establishedSecondsMax * 1000;

export const dpvsServiceTable = {
  laddr_group_name: setting(
    'local_address_group with the source addresses that FNAT connects from, and TUN sends from.',
    group,
  ),
  ...keptTable({
    daddr_group_name: setting('deny_address_group of clients that are dropped.', group),
    waddr_group_name: setting(
      'allow_address_group of clients that are served; all others are dropped.',
      group,
    ),
    syn_proxy: flag('Answer SYNs by cookies, and connect to a server once the client is real.'),
  }),
  expire_quiescent_conn: flag(
    'Connections to a server end when its weight becomes 0 or it is removed.',
  ),
  quic: flag('Follow QUIC clients that change their address, by the connection identifier.'),
  proxy_protocol: setting(
    'PROXY header that tells the server the client; insecure keeps what a client sent.',
    choice(...proxyProtocols),
    { fallback: 'disable' },
  ),
  client_address: setting(
    'How FNAT tells servers the client: toa by an option of TCP; uoa in UDP, too, if they know it.',
    choice(...clientAddresses),
    { fallback: 'toa' },
  ),
  client_toa: setting(
    'What becomes of a TOA option that the client sent itself.',
    choice('remove', 'keep'),
    { fallback: 'remove' },
  ),
  no_destination: setting(
    'What a client gets that no server takes, or whose connection expired: nothing, or RST, ICMP.',
    choice('drop', 'reject'),
    { fallback: 'drop' },
  ),
  ...keptTable({
    vip_bind_dev: setting('Port of the data plane that gets the address, without VRRP.', port),
  }),
  establish_timeout: setting(
    'How long an idle established connection lives, 1-3600.',
    clamped(wholeSeconds(0, 2_147_483_647), establishedMinMs, establishedMaxMs),
    { defaultText: 'as dpvs.conf has it' },
  ),
  connections_max: setting(
    'Connections of the service at a time, in all; 0 is no limit.',
    integer(0, countMax),
    { fallback: 0 },
  ),
  ...keptTable({
    bps: setting(
      'Bandwidth of the service in bits a second; 0 is no limit.',
      integer(0, countMax),
      {
        fallback: 0,
      },
    ),
    limit_proportion: setting('Percentage of packets that are let through.', integer(1, 100), {
      fallback: 100,
    }),
  }),
  'src-range': setting('Sources that a "match" service is for.', trafficRange),
  'dst-range': setting('Destinations that a "match" service is for.', trafficRange),
  iif: setting('Port that packets of a "match" service come in by.', port),
  oif: setting('Port that packets of a "match" service leave by.', port),
};
