// The keywords of global_defs about gratuitous ARP and unsolicited neighbour advertisements.
import { clamped, wholeSeconds } from './bounds.js';
import { garpExtra } from './garp-extra.js';
import { obsolete, setting } from './keywords.js';
import { integer, onOff, seconds } from './phrases.js';

const uint32Max = 4_294_967_295;
const repeat = { ...clamped(integer(0, uint32Max), 1), shape: `1-${uint32Max}` };
/** What 32 bits hold in microseconds. */
const spacing = seconds(0.000001, 4294.967295);

const extra = setting(
  'Time between messages on other interfaces than that of a VMAC; all names every one.',
  garpExtra(1),
  { defaultText: 'off' },
);

export const globalGarpTable = {
  vrrp_garp_master_delay: setting(
    'Time from the change to MASTER to the second burst; 0 for none.',
    wholeSeconds(0, 4294),
    { fallback: 5000 },
  ),
  vrrp_garp_master_repeat: setting('Messages of a burst after a change to MASTER.', repeat, {
    fallback: 5,
  }),
  vrrp_garp_master_refresh: setting(
    'Time between bursts while MASTER; 0 for none.',
    wholeSeconds(0, uint32Max),
    { fallback: 0 },
  ),
  vrrp_garp_master_refresh_repeat: setting(
    'Messages of a burst that repeats while MASTER.',
    repeat,
    { fallback: 1 },
  ),
  vrrp_garp_lower_prio_delay: setting(
    'Time from an advert of lower priority to the second burst.',
    wholeSeconds(0, 4294),
    { defaultText: 'as vrrp_garp_master_delay' },
  ),
  vrrp_garp_lower_prio_repeat: setting(
    'Messages of the bursts after an advert of lower priority.',
    integer(0, 2_147_483_647),
    { defaultText: 'as vrrp_garp_master_repeat' },
  ),
  vrrp_garp_interval: setting('Time between gratuitous ARP messages of an interface.', spacing, {
    defaultText: '0',
  }),
  vrrp_gna_interval: setting('Time between unsolicited neighbour advertisements.', spacing, {
    defaultText: '0',
  }),
  vrrp_min_garp: setting(
    'One message after a change to MASTER and no more, unless set otherwise.',
    onOff,
    { fallback: false },
  ),
  vrrp_garp_extra_if: extra,
  vrrp_vmac_garp_intvl: obsolete(extra, 'vrrp_garp_extra_if'),
};
