// The keywords of vrrp_instance about gratuitous ARP and unsolicited neighbour advertisements.
import { clamped, wholeSeconds } from './bounds.js';
import { garpExtra } from './garp-extra.js';
import { obsolete, setting } from './keywords.js';
import { integer } from './phrases.js';

const uint32Max = 4_294_967_295;
const repeat = { ...clamped(integer(0, uint32Max), 1), shape: `1-${uint32Max}` };
const extra = setting(
  'Time between messages on other interfaces than that of a VMAC; all names every one.',
  garpExtra(0),
  { defaultText: 'as vrrp_garp_extra_if' },
);

export const vrrpGarpTable = {
  garp_master_delay: setting(
    'Time from the change to MASTER to the second burst; 0 for none.',
    wholeSeconds(0, 4294),
    { defaultText: 'as vrrp_garp_master_delay' },
  ),
  garp_master_repeat: setting('Messages of a burst after a change to MASTER.', repeat, {
    defaultText: 'as vrrp_garp_master_repeat',
  }),
  garp_master_refresh: setting('Time between bursts while MASTER.', wholeSeconds(0, uint32Max), {
    defaultText: 'as vrrp_garp_master_refresh',
  }),
  garp_master_refresh_repeat: setting('Messages of such a burst.', repeat, {
    defaultText: 'as vrrp_garp_master_refresh_repeat',
  }),
  garp_lower_prio_delay: setting(
    'Time from an advert of lower priority to the second burst.',
    wholeSeconds(0, 4294),
    { defaultText: 'as vrrp_garp_lower_prio_delay' },
  ),
  garp_lower_prio_repeat: setting(
    'Messages of the bursts after an advert of lower priority.',
    integer(0, 2_147_483_647),
    { defaultText: 'as vrrp_garp_lower_prio_repeat' },
  ),
  garp_extra_if: extra,
  vmac_garp_intvl: obsolete(extra, 'garp_extra_if'),
};
