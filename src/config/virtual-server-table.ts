// The keywords of virtual_server, real_server and virtual_server_group.
import type { IpAddress } from '../net/address.js';
import { addressRange } from './address-range.js';
import { announceKeyword } from './announce-table.js';
import { checkerTable, checkTable } from './checker-table.js';
import { alias, flag, headed, headedLines, setting } from './keywords.js';
import {
  address,
  caselessChoice,
  choice,
  integer,
  optional,
  type Phrase,
  sequence,
  word,
} from './phrases.js';

const port = integer(0, 65535);

/** 0: any port. */
export const serverEndpoint = sequence({ address, port: optional(port, 0) });

const weight = integer(0, 2_147_483_647);

const method = setting(
  'How packets reach the servers.',
  caselessChoice('NAT', 'DR', 'TUN', 'FNAT', 'SNAT'),
  { fallback: 'NAT' },
);
const scheduler = setting(
  'How servers are chosen.',
  choice(
    'rr',
    'wrr',
    'lc',
    'wlc',
    'lblc',
    'lblcr',
    'sh',
    'mh',
    'dh',
    'fo',
    'ovf',
    'sed',
    'nq',
    'twos',
    'conhash',
  ),
  { fallback: 'wlc' },
);

export const realServerTable = {
  weight: setting('Share of new connections; 0 takes none.', weight),
  inhibit_on_failure: flag('A failed server gets weight 0 instead of being removed.'),
  ...checkTable,
  ...checkerTable,
};

export const virtualServerTable = {
  lb_algo: scheduler,
  lvs_sched: alias(scheduler, 'lb_algo'),
  lb_kind: method,
  lvs_method: alias(method, 'lb_kind'),
  protocol: setting('Transport protocol.', caselessChoice('TCP', 'UDP', 'SCTP')),
  laddr_group_name: setting('local_address_group of the source addresses (FNAT).', word('GROUP')),
  inhibit_on_failure: flag('Failed servers get weight 0 instead of being removed.'),
  weight: setting('Default weight of the real servers.', weight),
  ...checkTable,
  announce: announceKeyword,
  real_server: headed('A server of this service.', serverEndpoint, realServerTable),
};

export type VirtualServerHead =
  | { readonly type: 'address'; readonly address: IpAddress; readonly port: number }
  | { readonly type: 'fwmark'; readonly mark: number }
  | { readonly type: 'group'; readonly name: string }
  | { readonly type: 'match'; readonly name: string };

const groupName = word('NAME');
const mark = integer(1, 4_294_967_295);

const virtualServerHead: Phrase<VirtualServerHead> = {
  shape: 'ADDRESS [PORT] | fwmark NUMBER | group NAME | match NAME',
  read: (words) => {
    const kind = words.takeIf('fwmark', 'group', 'match')?.text;
    if (kind === 'fwmark') {
      const number = mark.read(words);
      return number === undefined ? undefined : { type: 'fwmark', mark: number };
    }
    if (kind === 'group' || kind === 'match') {
      const name = groupName.read(words);
      return name === undefined ? undefined : { type: kind, name };
    }
    const endpoint = serverEndpoint.read(words);
    return endpoint === undefined ? undefined : { type: 'address', ...endpoint };
  },
  write: (head) => {
    if (head.type === 'address') return serverEndpoint.write(head);
    if (head.type === 'fwmark') return ['fwmark', ...mark.write(head.mark)];
    return [head.type, ...groupName.write(head.name)];
  },
};

export const virtualServerRootTable = {
  virtual_server_group: headedLines(
    'Endpoints that share a virtual_server.',
    word('NAME'),
    sequence({ range: addressRange, port: optional(port, 0) }),
  ),
  virtual_server: headed('A service and its real servers.', virtualServerHead, virtualServerTable),
};
