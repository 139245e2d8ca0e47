// The global definitions in keepalived.data: keepalived's keys in its order. SNMP and D-Bus are
// never enabled, whatever the file says; of nftables nothing is told.
import { countingIn, type GlobalBlocks } from '../../config/global.js';
import type { OperationsConfig } from '../../config/operations.js';
import type { CommandOwner } from '../../ports/command-runner.js';

export type NodeNames = {
  readonly routerId: string;
  readonly host: string;
  /** Of scripts that name nobody; null: nobody knows. */
  readonly scriptOwner: CommandOwner | null;
};

export function globalLines(
  globals: GlobalBlocks,
  operations: OperationsConfig,
  names: NodeNames,
): readonly string[] {
  return [
    '------< Global definitions >------',
    ...[
      `Network namespace = ${operations.netNamespace ?? '(default)'}`,
      'Network namespace ipvs = (main namespace)',
      ...(operations.instance === null ? [] : [`Instance name = ${operations.instance}`]),
      `Router ID = ${names.routerId}`,
      ...mailLines(globals, names.host),
      ...conductLines(globals),
      ...garpLines(globals),
      ...protocolLines(globals),
      ...processLines(globals),
      ...monitoringLines(globals),
      ...scriptLines(globals, names.scriptOwner),
      ...bufferLines(globals),
      `umask = 0${(operations.umask ?? 0o177).toString(8)}`,
      ...delayLine('vrrp_startup_delay', operations.startupDelayMs),
      ...delayLine('vrrp_delay_after_boot', operations.delayAfterBootMs),
    ].map((line) => ` ${line}`),
  ];
}

function delayLine(name: string, delayMs: number): string[] {
  return delayMs === 0 ? [] : [`${name} = ${delayMs / 1000}`];
}

function mailLines(globals: GlobalBlocks, host: string): string[] {
  const server = countingIn(globals, 'smtp_server')?.value;
  const sender = countingIn(globals, 'notification_email_from')?.value;
  const addresses = globals.flatMap((block) =>
    block
      .all('notification_email')
      .flatMap(({ value }) => value.flatMap(({ value: ones }) => ones)),
  );
  const alert = (name: 'smtp_alert' | 'smtp_alert_vrrp' | 'smtp_alert_checker'): string => {
    const value = countingIn(globals, name)?.value;
    return `Default ${name} = ${value === undefined ? 'unset' : value ? 'on' : 'off'}`;
  };
  const timeoutMs = countingIn(globals, 'smtp_connect_timeout')?.value ?? 30_000;
  return [
    ...(server === undefined
      ? []
      : [
          `Smtp server = ${server.host}`,
          `Smtp server port = ${server.port}`,
          `Smtp HELO name = ${countingIn(globals, 'smtp_helo_name')?.value ?? host}`,
          `Smtp server connection timeout = ${timeoutMs / 1000}`,
        ]),
    ...(sender === undefined ? [] : [`Email notification from = ${sender}`]),
    ...(addresses.length === 0 ? [] : ['Email notification to:']),
    ...addresses.map((address) => `  ${address}`),
    alert('smtp_alert'),
    alert('smtp_alert_vrrp'),
    alert('smtp_alert_checker'),
  ];
}

function conductLines(globals: GlobalBlocks): string[] {
  const igmp = countingIn(globals, 'disable_local_igmp') === undefined ? 'no' : 'yes';
  const device = countingIn(globals, 'default_interface')?.value ?? 'eth0';
  const writesStates = countingIn(globals, 'fifo_write_vrrp_states_on_reload') !== undefined;
  return [
    `Checkers log all failures = ${isOn(globals, 'checker_log_all_failures')}`,
    ...(countingIn(globals, 'reload_check_config') === undefined
      ? ['No test config before reload']
      : []),
    `Dynamic interfaces = ${countingIn(globals, 'dynamic_interfaces') !== undefined}`,
    `Default interface = ${device}`,
    `Disable local IGMP = ${igmp}`,
    `LVS flush = ${countingIn(globals, 'lvs_flush') !== undefined}`,
    ...(countingIn(globals, 'lvs_flush_on_stop') === undefined
      ? ['LVS flush on stop = disabled']
      : []),
    `FIFO write vrrp states on reload = ${writesStates}`,
    `VRRP notify priority changes = ${isOn(globals, 'vrrp_notify_priority_changes')}`,
    `VRRP IPv4 mcast group = ${countingIn(globals, 'vrrp_mcast_group4')?.value ?? '224.0.0.18'}`,
    `VRRP IPv6 mcast group = ${countingIn(globals, 'vrrp_mcast_group6')?.value ?? 'ff02::12'}`,
  ];
}

function garpLines(globals: GlobalBlocks): string[] {
  const isLeast = isOn(globals, 'vrrp_min_garp');
  const delayMs = countingIn(globals, 'vrrp_garp_master_delay')?.value ?? (isLeast ? 0 : 5000);
  const repeat = countingIn(globals, 'vrrp_garp_master_repeat')?.value ?? (isLeast ? 1 : 5);
  const refreshMs = countingIn(globals, 'vrrp_garp_master_refresh')?.value ?? 0;
  const refreshRepeat =
    countingIn(globals, 'vrrp_garp_master_refresh_repeat')?.value ?? (isLeast ? 0 : 1);
  const lowerMs = countingIn(globals, 'vrrp_garp_lower_prio_delay')?.value ?? delayMs;
  const lowerRepeat = countingIn(globals, 'vrrp_garp_lower_prio_repeat')?.value ?? repeat;
  const adverts = countingIn(globals, 'vrrp_down_timer_adverts')?.value ?? 3;
  const sendsToLower = !isOn(globals, 'vrrp_lower_prio_no_advert');
  const sendsToHigher = isOn(globals, 'vrrp_higher_prio_send_advert');
  const spacing = (name: 'vrrp_garp_interval' | 'vrrp_gna_interval'): string =>
    ((countingIn(globals, name)?.value ?? 0) / 1000).toFixed(6);
  return [
    `Gratuitous ARP delay = ${delayMs / 1000}`,
    `Gratuitous ARP repeat = ${Math.max(repeat, 1)}`,
    `Gratuitous ARP refresh timer = ${refreshMs / 1000}`,
    `Gratuitous ARP refresh repeat = ${refreshRepeat}`,
    `Gratuitous ARP lower priority delay = ${lowerMs / 1000}`,
    `Gratuitous ARP lower priority repeat = ${lowerRepeat}`,
    `Num adverts before down = ${adverts}`,
    `Send advert after receive lower priority advert = ${sendsToLower}`,
    `Send advert after receive higher priority advert = ${sendsToHigher}`,
    `Gratuitous ARP interval = ${spacing('vrrp_garp_interval')}`,
    `Gratuitous NA interval = ${spacing('vrrp_gna_interval')}`,
  ];
}

function protocolLines(globals: GlobalBlocks): string[] {
  return [
    `VRRP default protocol version = ${countingIn(globals, 'vrrp_version')?.value ?? 2}`,
    `VRRP check unicast_src = ${isOn(globals, 'vrrp_check_unicast_src')}`,
    `VRRP skip check advert addresses = ${isOn(globals, 'vrrp_skip_check_adv_addr')}`,
    `VRRP strict mode = ${isOn(globals, 'vrrp_strict')}`,
  ];
}

const processes = [
  ['VRRP', 'vrrp'],
  ['Checker', 'checker'],
  ['BFD', 'bfd'],
] as const;

function processLines(globals: GlobalBlocks): string[] {
  const lines = processes.flatMap(([title, name]) => [
    `${title} process priority = ${countingIn(globals, `${name}_priority`)?.value ?? 0}`,
    `${title} don't swap = ${countingIn(globals, `${name}_no_swap`) !== undefined}`,
    `${title} realtime priority = ${countingIn(globals, `${name}_rt_priority`)?.value ?? 0}`,
    `${title} realtime limit = ${countingIn(globals, `${name}_rlimit_rttime`)?.value ?? 10_000}`,
  ]);
  const autoDelay = countingIn(globals, 'min_auto_priority_delay')?.value ?? 1_000_000;
  return [
    `Max auto priority = ${countingIn(globals, 'max_auto_priority')?.value ?? 0}`,
    `Min auto priority delay = ${autoDelay} usecs`,
    ...lines,
  ];
}

const agents = ['vrrp', 'checker', 'RFCv2', 'RFCv3', 'traps'] as const;

function monitoringLines(globals: GlobalBlocks): string[] {
  const socket = countingIn(globals, 'snmp_socket')?.value;
  const service = countingIn(globals, 'dbus_service_name')?.value;
  return [
    ...agents.map((agent) => `SNMP ${agent} disabled`),
    `SNMP socket = ${socket ?? 'default (unix:/var/agentx/master)'}`,
    'DBus disabled',
    `DBus service name = ${service ?? ''}`,
  ];
}

function scriptLines(globals: GlobalBlocks, owner: CommandOwner | null): string[] {
  const isSecure = countingIn(globals, 'enable_script_security') !== undefined;
  return [
    `Script security ${isSecure ? 'enabled' : 'disabled'}`,
    ...(owner === null ? [] : [`Default script uid:gid ${owner.uid}:${owner.gid}`]),
  ];
}

const buffers = [
  'vrrp_netlink_cmd_rcv_bufs',
  'vrrp_netlink_monitor_rcv_bufs',
  'process_monitor_rcv_bufs',
  'lvs_netlink_cmd_rcv_bufs',
  'lvs_netlink_monitor_rcv_bufs',
] as const;

function bufferLines(globals: GlobalBlocks): string[] {
  return [
    ...buffers.flatMap((name) => [
      `${name} = ${countingIn(globals, name)?.value ?? 0}`,
      `${name}_force = ${Number(isOn(globals, `${name}_force`))}`,
    ]),
    `rs_init_notifies = ${Number(countingIn(globals, 'rs_init_notifies') !== undefined)}`,
    `no_checker_emails = ${Number(isOn(globals, 'no_checker_emails'))}`,
    `rx_bufs_multiples = ${countingIn(globals, 'vrrp_rx_bufs_multiplier')?.value ?? 3}`,
  ];
}

function isOn(globals: GlobalBlocks, name: Parameters<typeof countingIn>[1]): boolean {
  return countingIn(globals, name)?.value === true;
}
