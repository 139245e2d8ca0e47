// The keywords of ospf_instance: a stub host in OSPFv2 (RFC 2328) or OSPFv3 (RFC 5340). Names as
// FRR and BIRD have them.
import { allowEntry } from './allow-entry.js';
import { wholeSeconds } from './bounds.js';
import { flag, headed, keptTable, lines, setting } from './keywords.js';
import { choice, integer, interfaceName, onOff, type Phrase, sequence, word } from './phrases.js';
import { areaId, routerId } from './route-attributes.js';
import { textUpTo } from './text.js';
import { needed } from './word-count.js';

const cost = integer(1, 65_535);
const externalMetric = integer(0, 16_777_214);

/** A key by its number, newest last. */
export const ospfKey = sequence({ id: integer(1, 255), key: textUpTo('STRING', 64) });

const ospfInterfaceTable = {
  cost: setting('Cost of the link.', cost, { fallback: 10 }),
  hello_interval: setting('Time between hellos.', wholeSeconds(1, 65_535), { fallback: 10_000 }),
  dead_interval: setting(
    'Time without a hello until the neighbour is gone.',
    wholeSeconds(1, 65_535),
    {
      defaultText: 'four hello intervals',
    },
  ),
  retransmit_interval: setting(
    'Time until what is not acknowledged is sent again.',
    wholeSeconds(1, 65_535),
    {
      fallback: 5000,
    },
  ),
  transmit_delay: setting('Added to the age of what is sent.', wholeSeconds(1, 65_535), {
    fallback: 1000,
  }),
  priority: setting('To become the designated router; 0: never.', integer(0, 255), { fallback: 0 }),
  network: setting('Kind of the network.', choice('broadcast', 'point-to-point'), {
    fallback: 'broadcast',
  }),
  authentication: setting(
    'How packets are signed.',
    choice(
      'none',
      'simple',
      'message-digest',
      'hmac-sha-1',
      'hmac-sha-256',
      'hmac-sha-384',
      'hmac-sha-512',
    ),
    { fallback: 'none' },
  ),
  authentication_key: setting('Password of simple authentication.', textUpTo('STRING', 8)),
  message_digest_key: setting('A key by its number; we sign with the last one.', ospfKey, {
    repeats: 'all',
  }),
  mtu_ignore: flag('Neighbours may have another MTU.'),
  passive: flag('Announce the network, but talk to nobody on it.'),
  bfd: setting('A neighbour is gone when BFD says so.', onOff, { fallback: false }),
  instance_id: setting('Instance on the link (OSPFv3).', integer(0, 255), { fallback: 0 }),
};

export const areaTable = keptTable({
  interface: headed('An interface in the area.', interfaceName, ospfInterfaceTable),
  stub: flag('A stub area: prefixes are announced as links of the router.'),
  nssa: flag('A not-so-stubby area (RFC 3101).'),
});

/** `on startup SECONDS`, `on shutdown SECONDS`. */
const maxMetric: Phrase<{ readonly when: 'startup' | 'shutdown'; readonly ms: number }> = {
  shape: 'on startup|shutdown SECONDS',
  read: (words) => {
    const on = words.take();
    if (on === undefined || on.text !== 'on') return words.missing('on startup|shutdown SECONDS');
    const when = choice('startup', 'shutdown').read(words);
    const ms = when === undefined ? undefined : wholeSeconds(1, 86_400).read(words);
    return when === undefined || ms === undefined ? undefined : { when, ms };
  },
  write: ({ when, ms }) => ['on', when, ...wholeSeconds(1, 86_400).write(ms)],
};

export const ospfTable = keptTable({
  version: setting('Version of OSPF: 2 carries IPv4, 3 carries IPv6.', choice('2', '3'), {
    fallback: '2',
  }),
  router_id: setting('Identifier of this router.', routerId, {
    defaultText: 'an IPv4 address of the host',
  }),
  area: headed('An area and our interfaces in it.', areaId, areaTable),
  allow: lines('What may be announced; nothing without it.', allowEntry),
  default_metric: setting('Metric of what is announced.', externalMetric, { fallback: 20 }),
  max_metric: setting('Be no way through for so long (RFC 6987).', maxMetric, { repeats: 'all' }),
  log_adjacency_changes: setting('Log neighbours that come and go.', onOff, { fallback: true }),
});

export const ospfRootTable = keptTable({
  ospf_instance: headed(
    'An OSPF router that announces what is served.',
    needed(word('NAME')),
    ospfTable,
  ),
});

/** How `announce` puts a prefix into OSPF. */
export const ospfAttributeTable = keptTable({
  metric: setting('Metric of the prefix.', externalMetric, { defaultText: 'default_metric' }),
  metric_type: setting(
    'stub: a link of this router; 1 and 2: external, with and without the way to us.',
    choice('stub', '1', '2'),
    { fallback: 'stub' },
  ),
  tag: setting('Tag of an external prefix.', integer(0, 4_294_967_295), { fallback: 0 }),
});
