// The keywords of global_defs about SNMP and D-Bus.
import { alias, flag, keptTable, setting } from './keywords.js';
import { seconds } from './phrases.js';
import { text } from './text.js';
import { exactly, needed } from './word-count.js';

const statisticsInterval = seconds(0.001, 30);
const busName = needed(text('NAME'));
const vrrpMib = flag('Answer SNMP for VRRP in the MIB of keepalived.');

export const globalMonitoringTable = keptTable({
  snmp_socket: setting('Where the SNMP master agent listens.', exactly(needed(text('ADDRESS'))), {
    repeats: 'first',
    defaultText: 'unix:/var/agentx/master',
  }),
  enable_traps: flag('Send SNMP traps.'),
  enable_snmp_vrrp: vrrpMib,
  enable_snmp_keepalived: alias(vrrpMib, 'enable_snmp_vrrp'),
  enable_snmp_checker: flag('Answer SNMP for virtual and real servers in the MIB of keepalived.'),
  enable_snmp_rfc: flag('Answer SNMP in the MIBs of both RFC 2787 and RFC 6527.'),
  enable_snmp_rfcv2: flag('Answer SNMP in the MIB of VRRPv2 (RFC 2787).'),
  enable_snmp_rfcv3: flag('Answer SNMP in the MIB of VRRPv3 (RFC 6527).'),
  snmp_vs_stats_update_interval: setting(
    'How old the statistics of a virtual server may be when SNMP asks.',
    statisticsInterval,
    { fallback: 5000 },
  ),
  snmp_rs_stats_update_interval: setting(
    'How old the statistics of a real server may be when SNMP asks.',
    statisticsInterval,
    { fallback: 5000 },
  ),
  enable_dbus: flag('Offer VRRP state and signals on D-Bus.'),
  dbus_service_name: setting('Name of the daemon on D-Bus.', busName, {
    fallback: 'org.keepalived.Vrrp1',
  }),
  dbus_no_interface_name: setting(
    'What stands in D-Bus paths for an instance without an interface.',
    busName,
  ),
});
