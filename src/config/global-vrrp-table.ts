// The keywords of global_defs that hold for every VRRP instance.
import { ipAddress } from '../net/address.js';
import { formerFlag } from './former-flag.js';
import { flag, setting } from './keywords.js';
import { multicastAddress } from './multicast-address.js';
import { choice, integer, onOff, optional, seconds } from './phrases.js';

/** What 32 bits hold in microseconds. */
const delay = seconds(0.001, 4294.967295);
const off = { fallback: false };

const advertTable = {
  vrrp_mcast_group4: setting('IPv4 group that adverts go to.', multicastAddress('ipv4'), {
    fallback: ipAddress('224.0.0.18'),
  }),
  vrrp_mcast_group6: setting('IPv6 group that adverts go to.', multicastAddress('ipv6'), {
    fallback: ipAddress('ff02::12'),
  }),
  vrrp_version: setting('Version of VRRP of instances that name none.', integer(2, 3), {
    fallback: 2,
  }),
  v3_checksum_as_v2: setting(
    'VRRPv3 adverts over IPv4 have a checksum without the pseudo-header, as VRRPv2 has it.',
    onOff,
    off,
  ),
  vrrp_down_timer_adverts: setting(
    'Adverts that may be missed before a takeover.',
    integer(1, 100),
    {
      fallback: 3,
    },
  ),
  vrrp_lower_prio_no_advert: setting(
    'Do not answer an advert of lower priority with one of our own.',
    onOff,
    off,
  ),
  vrrp_higher_prio_send_advert: setting(
    'A MASTER that meets a higher priority sends one more advert before it yields.',
    onOff,
    off,
  ),
  vrrp_owner_ignore_adverts: setting(
    'An owner of the addresses (priority 255) ignores adverts of others.',
    onOff,
    off,
  ),
  vrrp_check_unicast_src: setting(
    'Adverts by unicast count only from addresses in unicast_peer.',
    formerFlag,
    off,
  ),
  vrrp_skip_check_adv_addr: setting(
    'Compare address lists only on a change of master.',
    formerFlag,
    off,
  ),
  vrrp_strict: setting('Refuse what the VRRP RFCs do not allow.', formerFlag, off),
};

const igmpTable = {
  disable_local_igmp: flag('The kernel sends no IGMP for link-local groups such as 224.0.0.18.'),
};

const presenceTable = {
  dynamic_interfaces: setting(
    'Interfaces may be missing at start; with the word they may also change their type.',
    optional(choice('allow_if_changes'), null),
    { defaultText: 'off' },
  ),
  vrrp_startup_delay: setting('Time from start until VRRP instances take part.', delay, {
    defaultText: '0',
  }),
  vrrp_delay_after_boot: setting(
    'Time from the boot of the machine until VRRP instances take part.',
    delay,
    {
      defaultText: '0',
    },
  ),
  log_unknown_vrids: flag('Log adverts of virtual routers that are not configured.'),
};

export const globalVrrpTable = { ...advertTable, ...igmpTable, ...presenceTable };
