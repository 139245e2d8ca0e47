// What the keywords of global_defs mean together: values that several blocks give, keywords that
// need another one, names that must exist.
import type { Position } from '../../grammar/syntax-tree.js';
import { formatPlace, type Report } from './diagnostic.js';
import { countingIn, type GlobalBlocks } from './global.js';
import { globalTable } from './global-table.js';
import type { Table } from './keywords.js';
import { nearest } from './nearest.js';
import { interfaceName } from './phrases.js';
import type { Root } from './root-table.js';

type Name = keyof typeof globalTable;

export function checkGlobals(root: Root, report: Report): void {
  const blocks = root.all('global_defs').map(({ value }) => value);
  checkSingles(blocks, report);
  checkCompanions(blocks, report);
  checkMailAddresses(blocks, report);
  checkReceiveBuffers(blocks, report);
  checkDefaultInterface(blocks, report);
  checkSyncDaemon(root, blocks, report);
}

/** Within one block the second is reported while it is read. */
function checkSingles(blocks: GlobalBlocks, report: Report): void {
  const tables: Table = globalTable;
  for (const name of Object.keys(globalTable) as Name[]) {
    if (tables[name]?.repeats !== 'first') continue;
    const [first, ...more] = blocks.flatMap((block) => block.found(name) ?? []);
    if (first === undefined) continue;
    for (const { position } of more) {
      const place = formatPlace(first.position);
      const message = `${name} is given already at ${place}; this one is ignored`;
      report.warning('config.repeated', position, message);
    }
  }
}

/** Nothing comes of the left one without the right one. */
const companions: readonly (readonly [Name, Name])[] = [
  ['notify_fifo_script', 'notify_fifo'],
  ['vrrp_notify_fifo_script', 'vrrp_notify_fifo'],
  ['lvs_notify_fifo_script', 'lvs_notify_fifo'],
  ['startup_script_timeout', 'startup_script'],
  ['shutdown_script_timeout', 'shutdown_script'],
  ['reload_repeat', 'reload_time_file'],
  ['min_auto_priority_delay', 'max_auto_priority'],
  ['dbus_service_name', 'enable_dbus'],
  ['dbus_no_interface_name', 'enable_dbus'],
  ['nftables_ipvs_priority', 'nftables_ipvs'],
  ['nftables_ipvs_start_fwmark', 'nftables_ipvs'],
  ['vrrp_netlink_cmd_rcv_bufs_force', 'vrrp_netlink_cmd_rcv_bufs'],
  ['vrrp_netlink_monitor_rcv_bufs_force', 'vrrp_netlink_monitor_rcv_bufs'],
  ['process_monitor_rcv_bufs_force', 'process_monitor_rcv_bufs'],
  ['lvs_netlink_cmd_rcv_bufs_force', 'lvs_netlink_cmd_rcv_bufs'],
  ['lvs_netlink_monitor_rcv_bufs_force', 'lvs_netlink_monitor_rcv_bufs'],
];

function checkCompanions(blocks: GlobalBlocks, report: Report): void {
  for (const [name, companion] of companions) {
    const found = countingIn(blocks, name);
    if (found === undefined || blocks.some((block) => block.has(companion))) continue;
    const message = `nothing comes of ${name} without ${companion}`;
    report.notice('config.no_effect', found.position, message);
  }
}

function checkMailAddresses(blocks: GlobalBlocks, report: Report): void {
  for (const { value, position } of blocks.flatMap((block) => block.all('notification_email'))) {
    if (value.length > 0) continue;
    const message = 'notification_email is empty; put addresses into it or remove it';
    report.warning('config.missing_argument', position, message);
  }
}

function checkReceiveBuffers(blocks: GlobalBlocks, report: Report): void {
  const [first, ...more] = blocks.flatMap((block) => block.all('vrrp_rx_bufs_policy'));
  if (first === undefined) return;
  for (const { value, position } of more) {
    if (typeof value === typeof first.value && typeof value === 'number') continue;
    if (value === first.value) continue;
    const message =
      `vrrp_rx_bufs_policy ${value} contradicts ${first.value} at ` +
      `${formatPlace(first.position)}; keep one of them`;
    report.warning('config.conflict', position, message);
  }
}

/** keepalived finds out when it looks for the interface. */
function checkDefaultInterface(blocks: GlobalBlocks, report: Report): void {
  for (const { value, position } of blocks.flatMap((block) => block.all('default_interface'))) {
    if (interfaceName.parse(value) !== undefined) continue;
    const message = `no interface can be called "${value}"; ${interfaceName.expected} is needed`;
    report.notice('config.bad_argument', position, message);
  }
}

function checkSyncDaemon(root: Root, blocks: GlobalBlocks, report: Report): void {
  const found = countingIn(blocks, 'lvs_sync_daemon');
  const instance = found?.value.options.inst;
  if (found === undefined || instance === undefined) return;
  const instances = root.all('vrrp_instance').map(({ value }) => value.head);
  if (!instances.includes(instance)) unknownInstance(instance, instances, found.position, report);
}

function unknownInstance(
  name: string,
  known: readonly string[],
  position: Position,
  report: Report,
): void {
  const near = nearest(name, known);
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  const message = `lvs_sync_daemon follows no one: there is no vrrp_instance ${name}${hint}`;
  report.notice('config.unknown_name', position, message);
}
