// global_defs.
import { type Decoded, entries, last, notActedOn, type Table, word } from './keywords.js';

export type GlobalConfig = {
  /** Name of this node in mails and status; the host name when the file gives none. */
  readonly routerId: string;
};

export const globalTable = {
  router_id: word('Name of this node in mails and status; the host name by default.', 'STRING'),
  notification_email: entries('Mail addresses that alerts go to.', (words, report) => {
    const { position } = words[0];
    report.notice('config.not_acted_on', position, 'mail alerts are accepted but not acted on');
    return words[0].text;
  }),
  notification_email_from: notActedOn('Sender of mail alerts.'),
  smtp_server: notActedOn('Mail server that takes the alerts.'),
  smtp_connect_timeout: notActedOn('Seconds that a connection to the mail server may take.'),
  vrrp_skip_check_adv_addr: notActedOn('Compare address lists only on a change of master.'),
  vrrp_strict: notActedOn('Refuse what the VRRP RFCs do not allow.'),
  vrrp_garp_interval: notActedOn('Seconds between gratuitous ARP messages of an interface.'),
  vrrp_gna_interval: notActedOn('Seconds between unsolicited neighbour advertisements.'),
  enable_script_security: notActedOn('Refuse to run scripts that others than root may change.'),
  script_user: notActedOn('User and group that scripts run as.'),
} satisfies Table;

export function globalConfig(
  blocks: readonly Decoded<typeof globalTable>[],
  routerIdDefault: string,
): GlobalConfig {
  const ids = blocks.flatMap(({ router_id }) => router_id);
  return { routerId: last(ids, routerIdDefault) };
}
