// A VRRP instance in keepalived.data: its lines under keepalived's keys, in keepalived's order.

import { calendarTime } from './calendar-time.js';
import type { DumpedInstance, DumpedTrack, ScriptKeyword } from './dumped-instance.js';

const scriptTitles: Readonly<Record<ScriptKeyword, string>> = {
  notify_master: 'Master state transition script',
  notify_backup: 'Backup state transition script',
  notify_fault: 'Fault state transition script',
  notify_stop: 'Stop state transition script',
  notify_deleted: 'Deleted state transition script',
  notify_master_rx_lower_pri: 'Master rx lower pri script',
  notify: 'Generic state transition script',
};

export function instanceLines(instance: DumpedInstance): readonly string[] {
  return [
    ` VRRP Instance = ${instance.name}`,
    ...[
      ...stateLines(instance),
      ...timingLines(instance),
      ...addressLines(instance),
      ...trackLines(instance),
      ...notifyLines(instance),
    ].map((line) => `   ${line}`),
  ];
}

function stateLines(instance: DumpedInstance): string[] {
  const { name: _, lastTransition, peers, sourceAddress } = instance;
  const isUnicast = peers.length > 0;
  const origin = instance.hasOwnSource ? ' (from configuration)' : '';
  return [
    `VRRP Version = ${instance.version}`,
    ...(instance.syncGroup === null ? [] : [`Sync group = ${instance.syncGroup}`]),
    ...(instance.family === 'ipv6' ? ['Using Native IPv6'] : []),
    `State = ${instance.state}`,
    ...(isUnicast ? ['Flags:', '  Using unicast'] : ['Flags: none']),
    `Wantstate = ${instance.wantedState}`,
    ...(lastTransition === null ? [] : [`Last transition = ${calendarTime(lastTransition)}`]),
    `Interface = ${instance.interface}`,
    ...(sourceAddress === null ? [] : [`Using src_ip = ${sourceAddress}${origin}`]),
    ...(isUnicast ? [] : [`Multicast address ${instance.group}`]),
  ];
}

function timingLines(instance: DumpedInstance): string[] {
  const { garp, authentication } = instance;
  const interval =
    instance.version === 2
      ? `${instance.advertInterval} sec`
      : `${instance.advertInterval * 1000} milli-sec`;
  return [
    `Gratuitous ARP delay = ${garp.delay}`,
    `Gratuitous ARP repeat = ${garp.repeat}`,
    `Gratuitous ARP refresh = ${garp.refresh}`,
    `Gratuitous ARP refresh repeat = ${garp.refreshRepeat}`,
    `Gratuitous ARP lower priority delay = ${garp.lowerPrioDelay}`,
    `Gratuitous ARP lower priority repeat = ${garp.lowerPrioRepeat}`,
    `Down timer adverts = ${instance.downTimerAdverts}`,
    `Send advert after receive lower priority advert = ${instance.sendsToLowerPriority}`,
    `Send advert after receive higher priority advert = ${instance.sendsToHigherPriority}`,
    `Virtual Router ID = ${instance.virtualRouterId}`,
    `Priority = ${instance.priority}`,
    `Effective priority = ${instance.effectivePriority}`,
    `Total priority = ${instance.effectivePriority}`,
    `Advert interval = ${interval}`,
    `Accept = ${instance.accepts ? 'enabled' : 'disabled'}`,
    `Preempt = ${instance.preempts ? 'enabled' : 'disabled'}`,
    ...(instance.preemptDelay === 0 ? [] : [`Preempt delay = ${instance.preemptDelay} secs`]),
    `Promote_secondaries = ${instance.promotesSecondaries ? 'enabled' : 'disabled'}`,
    ...(authentication === null
      ? []
      : [
          `Authentication type = ${authenticationNames[authentication.type]}`,
          `Password = ${authentication.password}`,
        ]),
  ];
}

const authenticationNames = { PASS: 'SIMPLE_PASSWORD', AH: 'IPSEC_AH' } as const;

function addressLines({ addresses, excluded, peers }: DumpedInstance): string[] {
  return [
    ...(addresses.length === 0 ? [] : [`Virtual IP (${addresses.length}):`]),
    ...indented(addresses),
    ...(excluded.length === 0 ? [] : ['Virtual IP Excluded :']),
    ...indented(excluded),
    ...(peers.length === 0 ? [] : ['Unicast Peer :']),
    ...indented(peers),
  ];
}

function trackLines({ tracked }: DumpedInstance): string[] {
  const list = (title: string, entries: readonly DumpedTrack[], comma = ''): string[] =>
    entries.length === 0
      ? []
      : [title, ...entries.map(({ name, weight }) => `  ${name}${comma} weight ${weight}`)];
  return [
    ...list('Tracked interfaces :', tracked.interfaces),
    ...list('Tracked scripts :', tracked.scripts),
    ...list('Tracked files :', tracked.files, ','),
    ...list('Tracked processes :', tracked.processes, ','),
  ];
}

function notifyLines(instance: DumpedInstance): string[] {
  return [
    `Using smtp notification = ${instance.mailsAlerts ? 'yes' : 'no'}`,
    `Notify deleted = ${instance.scripts.has('notify_deleted') ? 'Deleted' : 'Fault'}`,
    ...[...instance.scripts].map(([keyword, text]) => `${scriptTitles[keyword]} = ${text}`),
    `Notify priority changes = ${instance.notifiesPriorityChanges}`,
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
