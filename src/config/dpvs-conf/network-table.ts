// neigh_defs, ipset_defs, ipv4_defs and ipv6_defs of dpvs.conf: neighbours, sets, fragments and
// routes.
import { settingsDefaults } from '../../net/settings.js';
import { wholeSeconds } from '../bounds.js';
import { block, keptTable, replacedBy, setting } from '../keywords.js';
import { argument, caselessChoice, choice, integer, onOff } from '../phrases.js';

const waitingPackets = 'up to 128 packets wait for each neighbour; nothing to set.';
const oneRouteTable = 'routes need no method and no sizes: their table grows with them.';

export const neighborTable = {
  unres_queue_length: replacedBy(
    setting('Packets that wait for the address of a neighbour.', integer(16, 8192), {
      fallback: 128,
    }),
    waitingPackets,
  ),
  ...keptTable({
    timeout: setting('How long a neighbour counts as reachable.', wholeSeconds(1, 3600), {
      fallback: 60_000,
    }),
  }),
};

export const ipsetTable = keptTable({
  ipset_hash_pool_size: setting('Entries of all sets together.', integer(65_536, 524_288), {
    fallback: 131_072,
  }),
});

const fragmentTable = keptTable({
  bucket_number: setting('Buckets of the table of fragments.', integer(32, 65_536), {
    fallback: 4096,
  }),
  bucket_entries: setting('Packets in each bucket.', integer(1, 256), { fallback: 16 }),
  max_entries: setting('Packets that are put together at a time.', integer(32, 65_536), {
    fallback: 4096,
  }),
  ttl: setting('How long fragments wait for the rest.', wholeSeconds(1, 255), { fallback: 1000 }),
});

export const ipv4Table = {
  forwarding: setting('Forward packets that are for no service.', onOff, {
    fallback: settingsDefaults.forwardsIpv4,
  }),
  ...keptTable({
    default_ttl: setting('Time to live of packets that start here.', integer(0, 255), {
      fallback: 64,
    }),
    fragment: block('How fragments are put together.', fragmentTable),
  }),
};

const longestPrefixTable = {
  lpm6_max_rules: replacedBy(
    setting('Routes that the table holds.', integer(16, 2_147_483_647), { fallback: 1024 }),
    oneRouteTable,
  ),
  lpm6_num_tbl8s: replacedBy(
    setting('Its groups of eight bits.', integer(16, 2_147_483_647), { fallback: 16_384 }),
    oneRouteTable,
  ),
  rt6_array_size: replacedBy(
    setting('Next hops of the table; gone from later versions.', integer(16, 2_147_483_647), {
      fallback: 65_536,
    }),
    oneRouteTable,
  ),
  rt6_hash_bucket: replacedBy(
    setting('Buckets of the list of its routes.', integer(2, 2_147_483_647), { fallback: 256 }),
    oneRouteTable,
  ),
};

const routeTable = {
  method: replacedBy(
    setting('How routes are looked up.', choice('hlist', 'lpm'), { fallback: 'hlist' }),
    oneRouteTable,
  ),
  recycle_time: replacedBy(
    setting('How often removed routes are freed.', wholeSeconds(1, 36_000), { fallback: 10_000 }),
    'a removed route is freed as soon as no worker can see it.',
  ),
  lpm: block('Sizes of the table for the method lpm.', longestPrefixTable),
};

/** 32 hexadecimal digits, or nothing. */
const secret = argument('HEX', '32 hexadecimal digits', (text) =>
  /^([0-9A-Fa-f]{32})?$/.test(text) ? text : undefined,
);

export const ipv6Table = {
  forwarding: setting('Forward IPv6 packets that are for no service.', onOff, {
    fallback: settingsDefaults.forwardsIpv6,
  }),
  ...keptTable({
    disable: setting('No IPv6 at all.', onOff, { fallback: false }),
    addr_gen_mode: setting(
      'How link-local addresses are made.',
      caselessChoice('eui64', 'none', 'stable-privacy', 'random'),
      { fallback: 'eui64' },
    ),
    stable_secret: setting('Secret for addresses of the kind stable-privacy.', secret, {
      defaultText: 'none',
    }),
  }),
  route6: block('How IPv6 routes are kept.', routeTable),
};
