// The keywords of vrrp_instance about packets: where adverts come from and go to, VMACs, who is
// believed.
import { flag, keptTable, lines, setting } from './keywords.js';
import { multicastAddress } from './multicast-address.js';
import { mark, option, options } from './options.js';
import {
  address,
  choice,
  integer,
  interfaceName,
  onOff,
  optional,
  type Phrase,
  sequence,
  word,
} from './phrases.js';
import type { WordReader } from './word-reader.js';

const octet = integer(0, 255);

const peer = sequence({
  address,
  options: options('a peer', {
    min_ttl: option('Least TTL or hop limit that is believed.', octet),
    max_ttl: option('Greatest TTL or hop limit that is believed.', octet),
  }),
});

/** Words in any order; what is neither an option nor a MAC address nor an interface is the name. */
export type Vmac = {
  readonly mac: string | null;
  readonly names: readonly string[];
  readonly group: string | null;
  readonly notifies: boolean;
};

const vmacOptions = {
  name: option('Name of the interface.', interfaceName),
  group: option('Interface group that it joins.', word('GROUP')),
  netlink_notify_msg: mark('Send a netlink message for it, for NetworkManager.'),
};

/** Names of the VMAC, and of the interface below it, as they are found. */
const vmac: Phrase<Vmac> = {
  shape: '[MAC[:VRID]] [NAME] [INTERFACE] [group GROUP] [netlink_notify_msg]',
  options: vmacOptions,
  read: readVmac,
  write: ({ mac, names, group, notifies }) => [
    ...(mac === null ? [] : [mac]),
    ...names,
    ...(group === null ? [] : ['group', group]),
    ...(notifies ? ['netlink_notify_msg'] : []),
  ],
};

const macPattern = /^([0-9a-f]{2}:){4,5}[0-9a-f]{2}$/i;

function readVmac(words: WordReader): Vmac | undefined {
  let [mac, group]: (string | null)[] = [null, null];
  let notifies = false;
  const names: string[] = [];
  for (let word = words.peek(); word !== undefined; word = words.peek()) {
    if (words.takeIf('netlink_notify_msg') !== undefined) notifies = true;
    else if (words.takeIf('group') !== undefined) {
      const found = words.take();
      if (found === undefined) return words.missing('group GROUP');
      group = found.text;
    } else if (macPattern.test(word.text)) mac = words.take()?.text ?? null;
    else {
      words.takeIf('name');
      const name = interfaceName.read(words);
      if (name === undefined) return undefined;
      names.push(name);
    }
  }
  return { mac: mac ?? null, names, group: group ?? null, notifies };
}

export type Ipvlan = {
  readonly interface: string | null;
  readonly address: string | null;
  readonly mode: 'bridge' | 'private' | 'vepa' | null;
  readonly group: string | null;
};

const ipvlan: Phrase<Ipvlan> = {
  shape: '[INTERFACE] [ADDRESS] [bridge|private|vepa] [group GROUP]',
  options: {
    bridge: mark('Traffic between its interfaces stays inside.'),
    private: mark('There is no traffic between its interfaces.'),
    vepa: mark('Traffic between its interfaces goes over the switch.'),
    group: option('Interface group that it joins.', word('GROUP')),
  },
  read: readIpvlan,
  write: (value) => [
    ...[value.interface, value.address, value.mode].flatMap((one) => one ?? []),
    ...(value.group === null ? [] : ['group', value.group]),
  ],
};

const modes = choice('bridge', 'private', 'vepa');

function readIpvlan(words: WordReader): Ipvlan | undefined {
  let found: Ipvlan = { interface: null, address: null, mode: null, group: null };
  for (let word = words.take(); word !== undefined; word = words.take()) {
    const mode = modes.parse(word.text);
    if (word.text === 'group') {
      const group = words.take();
      if (group === undefined) return words.missing('group GROUP');
      found = { ...found, group: group.text };
    } else if (mode !== undefined) found = { ...found, mode };
    else if (/[.:]/.test(word.text) && address.parse(word.text.split('/')[0] ?? '') !== undefined) {
      found = { ...found, address: word.text };
    } else if (interfaceName.parse(word.text) !== undefined) {
      found = { ...found, interface: word.text };
    } else return words.wrong(word, 'an interface, an address, or bridge, private or vepa');
  }
  return found;
}

/** Where adverts come from and go to. */
export const vrrpNetworkTable = {
  mcast_src_ip: setting('Source address of multicast adverts.', address, {
    defaultText: 'the first of the interface',
  }),
  unicast_src_ip: setting('Source address of unicast adverts.', address, {
    defaultText: 'the first of the interface',
  }),
  mcast_dst_ip: setting('Multicast group that adverts go to.', multicastAddress('any'), {
    defaultText: 'as vrrp_mcast_group4 or vrrp_mcast_group6',
  }),
  track_src_ip: flag('FAULT when the source address goes away.'),
  unicast_peer: lines('Adverts go to these instead of a multicast group.', peer),
  unicast_fault_no_peer: flag('FAULT when unicast_peer is empty.'),
  unicast_ttl: setting('TTL or hop limit of unicast adverts.', octet, { fallback: 255 }),
  check_unicast_src: flag('Believe adverts of the peers alone.'),
  old_unicast_checksum: setting(
    'Checksum of VRRPv3 unicast adverts as keepalived 1.x made it; never: only the right one.',
    optional(choice('never'), null),
    { defaultText: 'found out' },
  ),
  v3_checksum_as_v2: setting('Checksum of VRRPv3 adverts without a pseudo header.', onOff, {
    defaultText: 'as in global_defs',
  }),
  dont_track_primary: flag('The interface may be down without a FAULT.'),
  kernel_rx_buf_size: setting(
    'Receive buffer of the socket, in octets.',
    integer(1, 4_294_967_295),
  ),
};

export const vrrpLinkTable = {
  use_vmac: setting('The virtual MAC address, on an interface of its own.', vmac, {
    defaultText: 'off',
  }),
  use_vmac_addr: flag('Excluded addresses of other interfaces get VMACs, too.'),
  vmac_xmit_base: flag('Adverts leave from the interface below the VMAC.'),
  use_ipvlan: setting('An ipvlan interface for the addresses.', ipvlan, { defaultText: 'off' }),
  promote_secondaries: flag('Secondary addresses stay when the primary one goes.'),
};

export const vrrpPrimaryTable = keptTable({
  vrf: setting('VRF that the instance belongs to.', interfaceName),
  linkbeat_use_polling: {
    ...flag('Ask for the state of the link instead of being told.'),
    obsolete: 'write "linkbeat_interfaces" at the root',
  },
});
