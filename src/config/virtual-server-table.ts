// The keywords of virtual_server and virtual_server_group.
import { familyName } from './address-family.js';
import { announceKeyword } from './announce-table.js';
import { outerCheckTable } from './checker-table.js';
import { dpvsServiceTable } from './dpvs-service-table.js';
import { forwarding } from './forwarding.js';
import { groupEntry } from './group-entry.js';
import { hostEndpoint } from './host-address.js';
import { alias, flag, headed, keptTable, setting } from './keywords.js';
import { headedLinesAnd } from './lines-and-keywords.js';
import { persistenceTable } from './persistence-table.js';
import { caselessChoice, integer, onOff, type Phrase } from './phrases.js';
import { quorumTable } from './quorum-table.js';
import { realServerTable } from './real-server-table.js';
import { schedulerTable } from './scheduler-table.js';
import { serviceSteadinessTable } from './steadiness-table.js';
import { text } from './text.js';
import { virtualServerHead } from './virtual-server-head.js';
import { exactly, needed } from './word-count.js';

const method = setting(
  'How packets reach the real servers; FNAT and SNAT are of DPVS.',
  forwarding,
  { fallback: { kind: 'NAT', tunnel: {} } },
);

export const virtualServerTable = {
  ...schedulerTable,
  lb_kind: method,
  lvs_method: alias(method, 'lb_kind'),
  protocol: setting(
    'Transport protocol of the service; ICMP and ICMPV6 only for "match"; none for a fwmark.',
    caselessChoice('TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPV6'),
    { fallback: 'UDP' },
  ),
  ...keptTable({
    ip_family: setting('Family of a service by fwmark or group.', familyName, {
      defaultText: 'that of its real servers',
    }),
  }),
  ...dpvsServiceTable,
  ...persistenceTable,
  ...outerCheckTable,
  ...serviceSteadinessTable,
  weight: setting('Weight of real servers that give none.', integer(1, 2_147_483_647), {
    fallback: 1,
  }),
  inhibit_on_failure: flag('Failed real servers get weight 0 instead of being removed.'),
  ha_suspend: flag('No checks while the address of the service is not on this node.'),
  virtualhost: setting('Host name that HTTP_GET and SSL_GET checks ask for.', needed(text('HOST'))),
  smtp_alert: setting('Send mails about the quorum of this service.', onOff, {
    defaultText: 'as smtp_alert_checker',
  }),
  ...keptTable({
    snmp_name: setting('Name of the service in SNMP.', exactly(needed(text('NAME')))),
  }),
  ...quorumTable,
  announce: announceKeyword,
  real_server: headed('A server of this service.', hostEndpoint, realServerTable),
};

/** keepalived does not start with a word between the name and the lines. */
const groupName: Phrase<string> = {
  shape: 'NAME',
  read: (words) => {
    const name = words.take();
    if (name === undefined) return words.missing('NAME');
    const extra = words.peek();
    if (extra === undefined) return name.text;
    const message = `"${extra.text}" stands where ${words.subject.text} needs its "{"; remove it`;
    words.report.fatal('config.missing_argument', extra.position, message);
    return undefined;
  },
  write: (value) => text('NAME').write(value),
};

export const virtualServerRootTable = {
  virtual_server_group: headedLinesAnd(
    'Addresses or marks that share a virtual_server.',
    groupName,
    groupEntry,
    { announce: announceKeyword },
  ),
  virtual_server: headed('A service and its real servers.', virtualServerHead, virtualServerTable),
};
