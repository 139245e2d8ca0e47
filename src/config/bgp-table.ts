// The keywords of bgp_instance: an announce-only BGP speaker (RFC 4271). Names as FRR has them.

import { allowEntry } from './allow-entry.js';
import { wholeSeconds } from './bounds.js';
import { alias, flag, headed, lines, setting } from './keywords.js';
import {
  address,
  caselessChoice,
  choice,
  integer,
  interfaceName,
  many,
  onOff,
  optional,
  type Phrase,
  sequence,
  word,
} from './phrases.js';
import {
  asNumber,
  community,
  extendedCommunity,
  largeCommunity,
  routerId,
} from './route-attributes.js';
import { textUpTo } from './text.js';
import { needed } from './word-count.js';

const uint32 = integer(0, 4_294_967_295);

/** `internal` and `external` as FRR has them: our AS, any other. */
const remoteAs: Phrase<number | 'internal' | 'external'> = {
  shape: 'AS|internal|external',
  read: (words) =>
    (words.takeIf('internal', 'external')?.text as 'internal' | 'external' | undefined) ??
    asNumber.read(words),
  write: (value) => [String(value)],
};

/** null: off. */
const offOrSeconds: Phrase<number | null> = {
  shape: 'off|SECONDS 1-4095',
  read: (words) => (words.takeIf('off') === undefined ? wholeSeconds(1, 4095).read(words) : null),
  write: (value) => (value === null ? ['off'] : wholeSeconds(1, 4095).write(value)),
};

/** `on`: a session that is made for this neighbour. */
const bfdOf: Phrase<{ readonly instance: string | null }> = {
  shape: 'on|BFD-INSTANCE',
  read: (words) => {
    if (words.takeIf('on') !== undefined) return { instance: null };
    const instance = word('on|BFD-INSTANCE').read(words);
    return instance === undefined ? undefined : { instance };
  },
  write: ({ instance }) => (instance === null ? ['on'] : word('').write(instance)),
};

/** Kernels take keys of up to 80 octets (TCP_MD5SIG). */
const passwordOctetsMax = 80;

/** Attributes of what is announced; also in `announce` blocks. */
export const attributeTable = {
  community: setting('Communities (RFC 1997).', many(community), { repeats: 'all' }),
  large_community: setting('Large communities (RFC 8092).', many(largeCommunity), {
    repeats: 'all',
  }),
  extended_community: setting('Extended communities (RFC 4360).', many(extendedCommunity), {
    repeats: 'all',
  }),
  med: setting('Multi-exit discriminator: the least one wins.', uint32),
  local_preference: setting('Preference inside the AS: the greatest one wins.', uint32, {
    fallback: 100,
  }),
  as_path_prepend: setting('So often our own AS is put in front.', integer(1, 32)),
  next_hop: setting('Address that packets are to be sent to; one of each family.', address, {
    repeats: 'all',
    defaultText: 'our end of the session',
  }),
};

const sessionTable = {
  remote_as: setting('AS of the neighbour.', remoteAs),
  description: setting('What the neighbour is, for status and logs.', word('TEXT')),
  shutdown: setting(
    'The session stays down; the text is sent to the neighbour (RFC 9003).',
    optional(textUpTo('TEXT', 255), null),
    { defaultText: 'off' },
  ),
  password: setting('Key of TCP-MD5 (RFC 2385).', textUpTo('STRING', passwordOctetsMax)),
  ebgp_multihop: setting(
    'The neighbour may be so many hops away.',
    optional(integer(1, 255), 255),
    {
      defaultText: 'off',
    },
  ),
  ttl_security: setting(
    'Drop packets that came over more hops than this (RFC 5082).',
    sequence({ hops: choice('hops'), count: integer(1, 254) }),
    { defaultText: 'off' },
  ),
  port: setting('TCP port of the neighbour.', integer(1, 65535), { fallback: 179 }),
  update_source: setting('Address that we connect from.', address, {
    defaultText: 'chosen by the kernel',
  }),
  interface: setting('Interface that the neighbour is on.', interfaceName),
  passive: flag('Wait for the neighbour to connect.'),
  timers: setting(
    'Time between keepalives, and without any until the session is down.',
    sequence({ keepaliveMs: wholeSeconds(0, 21_845), holdMs: wholeSeconds(0, 65_535) }),
    { defaultText: '3 9' },
  ),
  connect_retry: setting('Time between attempts to connect.', wholeSeconds(1, 65_535), {
    fallback: 5000,
  }),
  bfd: setting(
    'The session is down when BFD says so: this bfd_instance, or one of its own.',
    bfdOf,
    {
      defaultText: 'off',
    },
  ),
  graceful_restart: setting('Ask the neighbour to keep routes over a restart.', offOrSeconds, {
    fallback: null,
  }),
  maximum_prefix: setting(
    'Close the session when the neighbour sends more prefixes (RFC 4486).',
    integer(1, 4_294_967_295),
    { defaultText: 'any number; none is kept' },
  ),
  maximum_prefix_out: setting('Never announce more prefixes than this.', integer(1, 100_000), {
    fallback: 1000,
  }),
  send_community: setting(
    'The kinds of communities that are sent.',
    many(choice('all', 'both', 'standard', 'extended', 'large', 'none')),
    { fallback: ['all'] },
  ),
  capability_extended_nexthop: flag('IPv4 prefixes with IPv6 next hops (RFC 8950).'),
  ...attributeTable,
};

const families = sequence({
  family: choice('ipv4', 'ipv6'),
  kind: optional(caselessChoice('unicast'), 'unicast' as const),
});

const template = setting('Settings of this template come first.', word('TEMPLATE'));

export const neighborTable = {
  template,
  peer_group: alias(template, 'template'),
  ...sessionTable,
  address_family: setting('What is announced to it; may be given for both.', families, {
    repeats: 'all',
    defaultText: 'the family of its address',
  }),
  allow: lines('What may be announced to it, besides what the instance allows.', allowEntry),
};

const sharedSettings = headed('Settings that neighbours share.', word('NAME'), sessionTable);

export const bgpTable = {
  local_as: setting('Our own AS.', asNumber),
  router_id: setting('Identifier of this speaker.', routerId, {
    defaultText: 'an IPv4 address of the host',
  }),
  listen: setting('Address that we listen on; off: we only connect.', listenPhrase(), {
    defaultText: 'all addresses',
  }),
  allow: lines('What may be announced; nothing without it.', allowEntry),
  template: sharedSettings,
  peer_group: alias(sharedSettings, 'template'),
  neighbor: headed('A router that is told.', address, neighborTable),
  graceful_shutdown: setting(
    'Before a stop: announce GRACEFUL_SHUTDOWN (RFC 8326) for so long.',
    wholeSeconds(0, 3600),
    { fallback: 0 },
  ),
  log_neighbor_changes: setting('Log sessions that come and go.', onOff, { fallback: true }),
};

function listenPhrase(): Phrase<string> {
  return {
    shape: 'ADDRESS|off',
    read: (words) => (words.takeIf('off') === undefined ? address.read(words) : 'off'),
    write: (value) => [value],
  };
}

export const bgpRootTable = {
  bgp_instance: headed(
    'A BGP speaker that announces what is served.',
    needed(word('NAME')),
    bgpTable,
  ),
};
