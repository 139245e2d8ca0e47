// The keywords of global_defs.
import { block, flag, keptTable, lines, setting } from './keywords.js';
import { interfaceName, onOff, seconds, word } from './phrases.js';

export const globalTable = {
  router_id: setting('Name of this node in mails and status.', word('STRING'), {
    defaultText: 'the host name',
  }),
  default_interface: setting('Interface of addresses that name none.', interfaceName, {
    fallback: 'eth0',
  }),
  ...keptTable({
    notification_email: lines('Mail addresses that alerts go to.', word('ADDRESS')),
    notification_email_from: setting('Sender of mail alerts.', word('ADDRESS')),
    smtp_server: setting('Mail server that takes the alerts.', word('HOST')),
    smtp_connect_timeout: setting(
      'How long connecting to the mail server may take.',
      seconds(0, 4294),
      { fallback: 30_000 },
    ),
    vrrp_skip_check_adv_addr: setting('Compare address lists only on a change of master.', onOff),
    vrrp_strict: setting('Refuse what the VRRP RFCs do not allow.', onOff),
    vrrp_garp_interval: setting(
      'Time between gratuitous ARP messages of an interface.',
      seconds(0.000001, 4294),
    ),
    vrrp_gna_interval: setting(
      'Time between unsolicited neighbour advertisements.',
      seconds(0.000001, 4294),
    ),
    enable_script_security: flag('Refuse to run scripts that others than root may change.'),
    script_user: setting('User and group that scripts run as.', word('USER')),
  }),
};

export const globalKeyword = block('Settings of the whole node.', globalTable, { repeats: 'all' });
