// Scripts that are told of the states of instances and groups.
import { commandAs } from './command.js';
import { setting } from './keywords.js';
import { onOff } from './phrases.js';

const once = { repeats: 'first' } as const;

export const notifyTable = {
  notify: setting(
    'Run at every change, with INSTANCE or GROUP, the name, the state and the priority.',
    commandAs,
    once,
  ),
  notify_master: setting('Run on becoming MASTER.', commandAs, once),
  notify_backup: setting('Run on becoming BACKUP.', commandAs, once),
  notify_fault: setting('Run on going to FAULT.', commandAs, once),
  notify_stop: setting('Run when the daemon ends.', commandAs, once),
  notify_deleted: setting('Run when a reload takes the instance away.', commandAs, {
    ...once,
    defaultText: 'as notify_fault',
  }),
  notify_master_rx_lower_pri: setting(
    'Run when a MASTER hears an advert of lower priority.',
    commandAs,
    once,
  ),
};

/** Of instances and groups alike. */
export const notifyChoiceTable = {
  notify_priority_changes: setting('Also tell the FIFOs of new priorities.', onOff, {
    defaultText: 'as vrrp_notify_priority_changes',
  }),
  smtp_alert: setting('Mail changes of state.', onOff, { defaultText: 'as smtp_alert_vrrp' }),
};
