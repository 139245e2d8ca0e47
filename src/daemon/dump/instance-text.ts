// A VRRP instance in keepalived.data: its lines under keepalived's keys, in keepalived's order.

import type { Weight } from '../../config/weight.js';
import { calendarTime } from './calendar-time.js';
import { type OwnerOf, ownedCommandText } from './command-text.js';
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

export type InstanceWorld = {
  /** Of an interface; undefined: there is none of the name. */
  readonly indexOf: (name: string) => number | undefined;
  readonly isUp: (name: string) => boolean;
  readonly ownerOf: OwnerOf;
};

export function instanceLines(instance: DumpedInstance, world: InstanceWorld): readonly string[] {
  return [
    ` VRRP Instance = ${instance.name}`,
    ...[
      ...stateLines(instance, world),
      ...timingLines(instance),
      ...addressLines(instance),
      ...trackLines(instance),
      ...notifyLines(instance, world),
    ].map((line) => `   ${line}`),
  ];
}

function stateLines(instance: DumpedInstance, world: InstanceWorld): string[] {
  const { lastTransition, masterRouter } = instance;
  return [
    `VRRP Version = ${instance.version}`,
    ...(instance.syncGroup === null ? [] : [`Sync group = ${instance.syncGroup}`]),
    ...(instance.family === 'ipv6' ? ['Using Native IPv6'] : []),
    `State = ${instance.state}`,
    ...(masterRouter === null ? [] : [`Master router = ${masterRouter}`]),
    ...flagLines(instance),
    `Wantstate = ${instance.wantedState}`,
    'Number of config faults = 0',
    `Number of interface and track script faults = ${instance.faults}`,
    `Number of track scripts init = ${instance.unknownScripts}`,
    ...(lastTransition === null ? [] : [`Last transition = ${calendarTime(lastTransition)}`]),
    `Master down timer = ${instance.masterDownUs} usecs`,
    ...placeLines(instance, world),
  ];
}

/** Flags without a line of their own leave an empty list. */
function flagLines({ peers, link, preempts }: DumpedInstance): string[] {
  if (peers.length > 0) return ['Flags:', '  Using unicast'];
  return link === null && preempts ? ['Flags: none'] : ['Flags:'];
}

function placeLines(instance: DumpedInstance, { indexOf, isUp }: InstanceWorld): string[] {
  const { link, sourceAddress, interface: parent, family } = instance;
  const origin = instance.hasOwnSource ? ' (from configuration)' : '';
  const index = family === 'ipv6' ? indexOf(link?.name ?? parent) : undefined;
  const below = link?.transmitsBelow === true ? ', xmit base i/f' : '';
  return [
    ...(link === null
      ? [`Interface = ${parent}`]
      : [
          `Use VMAC, i/f name ${link.name}, is_up = ${isUp(link.name)}, ` +
            `xmit_base = ${link.transmitsBelow}`,
          `Interface = ${link.name}, vmac on ${parent}${below}`,
        ]),
    ...(sourceAddress === null ? [] : [`Using src_ip = ${sourceAddress}${origin}`]),
    ...(instance.peers.length > 0
      ? []
      : [`Multicast address ${instance.group}${index === undefined ? '' : `, ifindex ${index}`}`]),
  ];
}

function timingLines(instance: DumpedInstance): string[] {
  const { garp } = instance;
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
    ...authenticationLines(instance),
  ];
}

function authenticationLines({ authentication, version }: DumpedInstance): string[] {
  if (authentication === null) return version === 2 ? ['Authentication type = none'] : [];
  return [
    `Authentication type = ${authenticationNames[authentication.type]}`,
    `Password = ${authentication.password}`,
  ];
}

const authenticationNames = { PASS: 'SIMPLE_PASSWORD', AH: 'IPSEC_AH' } as const;

function addressLines(instance: DumpedInstance): string[] {
  const { addresses, excluded, peers, routes, rules } = instance;
  return [
    ...(addresses.length === 0 ? [] : [`Virtual IP (${addresses.length}):`]),
    ...indented(addresses),
    ...list('Virtual IP Excluded :', excluded),
    ...(peers.length === 0
      ? []
      : [
          `Unicast TTL = ${instance.unicastTtl}`,
          `Check unicast src : ${instance.checksPeers ? 'yes' : 'no'}`,
        ]),
    ...list('Unicast Peer :', peers),
    ...list('Virtual Routes :', routes),
    ...list('Virtual Rules :', rules),
  ];
}

function trackLines({ tracked }: DumpedInstance): string[] {
  const things = (entries: readonly DumpedTrack[], comma = ''): string[] =>
    entries.map((entry) => `${entry.name}${comma} weight ${weightText(entry)}`);
  return [
    ...list('Tracked interfaces :', things(tracked.interfaces)),
    ...list('Tracked scripts :', things(tracked.scripts)),
    ...list('Tracked files :', things(tracked.files, ',')),
    ...list('Tracked processes :', things(tracked.processes, ',')),
  ];
}

export function weightText({ weight, isReversed }: Weight): string {
  return `${weight}${isReversed ? ' reverse' : ''}`;
}

function notifyLines(instance: DumpedInstance, { ownerOf }: InstanceWorld): string[] {
  return [
    `Using smtp notification = ${instance.mailsAlerts ? 'yes' : 'no'}`,
    `Notify deleted = ${instance.scripts.has('notify_deleted') ? 'Deleted' : 'Fault'}`,
    ...[...instance.scripts].map(
      ([keyword, script]) => `${scriptTitles[keyword]} = ${ownedCommandText(script, ownerOf)}`,
    ),
    `Notify priority changes = ${instance.notifiesPriorityChanges}`,
  ];
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...indented(lines)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
