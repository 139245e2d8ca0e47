// The keywords of vrrp_instance.
import { addressEntry } from './address-entry.js';
import { block, flagPair, headed, lines, setting } from './keywords.js';
import { choice, integer, interfaceName, onOff, seconds, word } from './phrases.js';

export const authenticationTable = {
  auth_type: setting(
    'PASS: a password in clear text in every advert (VRRPv2).',
    choice('PASS', 'AH'),
  ),
  auth_pass: setting('The password, 8 characters at most.', word('STRING')),
};

export const vrrpTable = {
  state: setting('The state wanted at start.', choice('MASTER', 'BACKUP')),
  interface: setting('Kernel interface that adverts leave from.', interfaceName),
  dpdk_interface: setting('Data plane port that gets the virtual addresses.', word('PORT')),
  virtual_router_id: setting('Number of the virtual router on its segment.', integer(1, 255)),
  priority: setting('The highest priority is MASTER; 255 owns the addresses.', integer(1, 255), {
    defaultText: '100; 255 with state MASTER',
  }),
  version: setting('Version of VRRP.', choice('2', '3'), { defaultText: '2; 3 for IPv6' }),
  advert_int: setting('Time between adverts, whole seconds in VRRPv2.', seconds(0.01, 255), {
    fallback: 1000,
  }),
  authentication: block('Authentication of adverts (VRRPv2).', authenticationTable),
  virtual_ipaddress: lines('Addresses of the virtual router.', addressEntry),
  ...flagPair(
    ['preempt', 'A higher priority takes over from a lower MASTER (the default).'],
    ['nopreempt', 'A MASTER stays, whatever the priority of a newcomer.'],
  ),
  garp_master_delay: setting(
    'Time to the second burst of gratuitous ARP, 0 for none.',
    seconds(0, 4294),
    { fallback: 5000 },
  ),
  garp_master_repeat: setting('Gratuitous ARP messages of a burst.', integer(0, 4294), {
    fallback: 5,
  }),
  lease: setting('Addresses vanish by themselves when the daemon dies.', onOff, { fallback: true }),
};

export const vrrpRootTable = {
  vrrp_instance: headed('A virtual router (VRRP).', word('NAME'), vrrpTable),
};
