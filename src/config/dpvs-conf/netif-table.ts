// netif_defs of dpvs.conf: packet buffers, ports and bonds.
import { clamped } from '../bounds.js';
import { block, headed, replacedBy, setting } from '../keywords.js';
import { choice, integer, interfaceName, onOff, type Phrase, word } from '../phrases.js';

const queuesFollowWorkers = 'each worker gets a queue of its own where the device has enough.';
const descriptorsFollowBuffers = 'descriptors follow from pktpool_size and the number of workers.';
const bondElsewhere =
  'make the bond in Linux and give it to the data plane: --vdev net_af_packet0,iface=bond0.';

const queues = integer(0, 16);
const descriptors = integer(16, 8192);

const hashed = ['all', 'ip', 'tcp', 'udp', 'sctp', 'ether', 'port', 'tunnel'] as const;

/** "all", or some of the others: "ip|tcp". */
const hashFields: Phrase<readonly string[]> = {
  shape: `${hashed[0]} or ${hashed.slice(1).join('|')}, joined by |`,
  read: (words) => {
    const word = words.take();
    const expected = `all, or some of ${hashed.slice(1).join(', ')}, joined by "|"`;
    if (word === undefined) return words.missing(expected);
    const fields = word.text.split('|');
    const known: readonly string[] = hashed;
    return fields.every((field) => known.includes(field)) ? fields : words.wrong(word, expected);
  },
  write: (fields) => [fields.join('|')],
};

const receiveTable = {
  queue_number: replacedBy(
    setting('Receive queues of the port.', queues, { fallback: 16 }),
    queuesFollowWorkers,
  ),
  descriptor_number: replacedBy(
    setting('Packets that each receive queue holds.', descriptors, { fallback: 256 }),
    descriptorsFollowBuffers,
  ),
  rss: replacedBy(
    setting('What is hashed to spread packets over the queues.', hashFields, {
      fallback: ['all'],
    }),
    'each port hashes what the data plane needs to find the worker of a connection.',
  ),
};

const transmitTable = {
  queue_number: replacedBy(
    setting('Transmit queues of the port.', queues, { fallback: 16 }),
    queuesFollowWorkers,
  ),
  descriptor_number: replacedBy(
    setting('Packets that each transmit queue holds.', descriptors, { fallback: 512 }),
    descriptorsFollowBuffers,
  ),
  mbuf_fast_free: replacedBy(
    setting('Packets that were sent are freed without a look at each.', onOff, { fallback: true }),
    'it is used wherever it is safe.',
  ),
};

export const deviceTable = {
  rx: block('The receiving side of the port.', receiveTable),
  tx: block('The sending side of the port.', transmitTable),
  mtu: setting('Largest IP packet in bytes.', clamped(integer(0, 9000), 68), { fallback: 1500 }),
  promisc_mode: replacedBy(
    setting('The port receives frames for any MAC address.', onOff, { fallback: false }),
    'frames for other MAC addresses are dropped, so there is no use in receiving them.',
  ),
  allmulticast: replacedBy(
    setting('The port receives every multicast frame.', onOff, { fallback: false }),
    'the companion interface gets every multicast frame.',
  ),
  kni_name: setting('Companion interface that the kernel shows.', interfaceName, {
    defaultText: 'NAME.kni',
  }),
};

const bondingTable = {
  mode: replacedBy(
    setting('How DPDK bonds, by its number.', integer(0, 6), { fallback: 0 }),
    bondElsewhere,
  ),
  slave: replacedBy(
    setting('A port of the bond.', word('DEVICE'), { repeats: 'all' }),
    bondElsewhere,
  ),
  primary: replacedBy(
    setting('The port whose queues the bond copies.', word('DEVICE')),
    bondElsewhere,
  ),
  numa_node: replacedBy(
    setting('Socket whose memory the bond uses.', integer(0, 1023), { fallback: 0 }),
    bondElsewhere,
  ),
  kni_name: replacedBy(setting('Companion interface of the bond.', interfaceName), bondElsewhere),
  options: replacedBy(
    setting('Options of the bond, joined by semicolons.', word('NAME=VALUE'), {
      fallback: 'dedicated_queues=on',
    }),
    bondElsewhere,
  ),
};

const workersSteer = 'workers steer in software; nothing to set.';

/** What the addon takes, see native/binding/convert.cc. */
export const packetBuffersMax = 4_194_304;

export const netifTable = {
  pktpool_size: setting(
    'Packet buffers, of each socket in DPVS, in all here.',
    clamped(integer(1023, 134_217_728), 1024, packetBuffersMax),
    { fallback: 65_535 },
  ),
  pktpool_cache: replacedBy(
    setting('Packet buffers that each worker keeps at hand.', integer(32, 8192), {
      fallback: 256,
    }),
    'each worker keeps as many at hand as pktpool_size allows.',
  ),
  fdir_mode: replacedBy(
    setting('How the flow director of an ixgbe port matches.', choice('perfect', 'signature'), {
      fallback: 'perfect',
    }),
    workersSteer,
  ),
  device: headed(
    'A port; dpdk0 is the first device of the command line.',
    word('NAME'),
    deviceTable,
  ),
  bonding: replacedBy(headed('A bond of ports.', word('NAME'), bondingTable), bondElsewhere),
};
