// announce { … }: who is told of the addresses of a virtual server or a VRRP instance, and when.
import { attributeTable } from './bgp-table.js';
import { wholeSeconds } from './bounds.js';
import { block, headed, kept, setting } from './keywords.js';
import { ospfAttributeTable } from './ospf-table.js';
import { choice, integer, interfaceName, onOff, optional, word } from './phrases.js';

/** The attributes of the neighbours may do. */
const bare = { mayBeBare: true };

export const announceTable = {
  bgp: headed('Announced by this bgp_instance.', word('BGP-INSTANCE'), attributeTable, bare),
  ospf: kept(
    headed('Announced by this ospf_instance.', word('OSPF-INSTANCE'), ospfAttributeTable, bare),
  ),
  kernel: setting(
    'Put on an interface, for a routing daemon of the host to pick up.',
    optional(interfaceName, 'lo'),
    { defaultText: 'off' },
  ),
  prefix_length: setting(
    'Announce the network of so many bits, not the address alone.',
    integer(8, 128),
    {
      defaultText: 'the address alone',
    },
  ),
  local_addresses: setting('Announce the source addresses of FNAT as well.', onOff, {
    fallback: false,
  }),
  when: setting(
    'quorum: while servers are up; master: while VRRP is MASTER; always: while the data plane is.',
    choice('quorum', 'master', 'always'),
    { defaultText: 'quorum in a virtual_server, master in a vrrp_instance' },
  ),
  degraded_below: setting(
    'Servers up, of a hundred, below which it counts as degraded.',
    integer(1, 100),
    {
      fallback: 100,
    },
  ),
  degraded_med: setting('Added to the MED while degraded.', integer(0, 4_294_967_295), {
    fallback: 0,
  }),
  degraded_metric: kept(
    setting('Added to the OSPF metric while degraded.', integer(0, 16_777_214), { fallback: 0 }),
  ),
  hold_down: setting(
    'How long it must be up again before it is announced.',
    wholeSeconds(0, 3600),
    {
      fallback: 5000,
    },
  ),
  hold_down_max: setting('How far that grows with every flap.', wholeSeconds(0, 86_400), {
    fallback: 300_000,
  }),
  drain_time: setting('From less preferred to withdrawn.', wholeSeconds(0, 86_400), {
    fallback: 30_000,
  }),
};

export const announceKeyword = block(
  'Who is told of the addresses by a routing protocol.',
  announceTable,
);
