// The keywords of bfd_instance (RFC 5880, 5881, 5883).
import { alias, flag, headed, kept, setting } from './keywords.js';
import { type Argument, address, argument, integer, onOff } from './phrases.js';
import { textUpTo } from './text.js';
import { weightUpTo } from './weight.js';
import { needed } from './word-count.js';

/** Whole milliseconds. */
function milliseconds(min: number, max: number): Argument<number> {
  const whole = integer(min, max);
  return argument(`MILLISECONDS ${min}-${max}`, `milliseconds, ${min}-${max}`, whole.parse);
}

const neighbor = setting('Address of the neighbour.', address);
const ttl = setting('TTL or hop limit of what is sent.', integer(1, 255), {
  defaultText: '255; 64 with multihop',
});
const intervalMax = 4_294_967;
export const bfdNameOctetsMax = 31;

export const bfdTable = {
  neighbor_ip: neighbor,
  neighbour_ip: alias(neighbor, 'neighbor_ip'),
  source_ip: setting('Address that is sent from.', address, { defaultText: "the interface's own" }),
  min_rx: setting('Shortest time between packets that we can take.', milliseconds(1, intervalMax), {
    fallback: 10,
  }),
  min_tx: setting('Shortest time between packets that we send.', milliseconds(1, intervalMax), {
    fallback: 10,
  }),
  idle_tx: setting(
    'Time between packets while the session is down.',
    milliseconds(1000, intervalMax),
    { fallback: 1000 },
  ),
  multiplier: setting('So many packets in a row must be missing.', integer(1, 255), {
    fallback: 5,
  }),
  passive: flag('Send nothing until the neighbour does.'),
  ttl,
  hoplimit: alias(ttl, 'ttl'),
  max_hops: setting('Hops that a packet may have taken; -1 for no limit.', integer(-1, 255), {
    fallback: 0,
  }),
  multihop: setting('The neighbour is not on the same link (port 4784).', onOff, {
    fallback: false,
  }),
  weight: setting('Added to the priority of instances that track it.', weightUpTo(253), {
    fallback: { weight: 0, isReversed: false },
  }),
  vrrp: kept(flag('Its state is for VRRP.')),
  checker: kept(flag('Its state is for BFD_CHECK.')),
};

export const bfdRootTable = {
  bfd_instance: headed(
    'A neighbour that is watched by BFD.',
    needed(textUpTo('NAME', bfdNameOctetsMax)),
    bfdTable,
  ),
};
