// Keywords of virtual_server about the choice of a real server: the scheduler and its flags.
import { maglevSlotCounts } from '../net/service.js';
import { alias, flag, keptTable, setting } from './keywords.js';
import { argument, choice } from './phrases.js';

export const schedulers = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'lblc',
  'lblcr',
  'sh',
  'mh',
  'dh',
  'fo',
  'ovf',
  'sed',
  'nq',
  'twos',
  'conhash',
] as const;

const slotCounts = maglevSlotCounts.join('|');
const slots = argument(slotCounts, `a number of slots: ${maglevSlotCounts.join(', ')}`, (text) =>
  maglevSlotCounts.find((count) => String(count) === text),
);

const scheduler = setting(
  'How a real server is chosen for a new connection; w is for weighted, conhash is of DPVS.',
  choice(...schedulers),
  { fallback: 'wlc' },
);

export const schedulerTable = {
  lb_algo: scheduler,
  lvs_sched: alias(scheduler, 'lb_algo'),
  ops: flag('One packet scheduling: each UDP packet goes to a server of its own choice.'),
  ...keptTable({
    hashed: flag('Hash the entries of the service; needs sh or mh before it, and means nothing.'),
  }),
  'flag-1': flag('First flag of the scheduler: fallback for sh and mh.'),
  'flag-2': flag('Second flag of the scheduler: port for sh and mh.'),
  ...keptTable({
    'flag-3': flag('Third flag of the scheduler; sh and mh have none.'),
  }),
  'sh-port': flag('The source port is hashed as well; needs "lb_algo sh" or mh before it.'),
  'sh-fallback': flag('A server without weight passes its share on; needs sh or mh before it.'),
  'mh-port': flag('The source port is hashed as well; needs "lb_algo mh" or sh before it.'),
  'mh-fallback': flag('A server without weight passes its share on; needs mh or sh before it.'),
  maglev_slots: setting(
    'Slots of the table of mh, a prime; more are fairer and take longer to fill.',
    slots,
    { defaultText: 'chosen by the data plane' },
  ),
  hash_target: setting(
    'What conhash hashes: the source address, or the connection identifier of QUIC.',
    choice('sip', 'qid'),
    { fallback: 'sip' },
  ),
};
