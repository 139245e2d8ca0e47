// virtual_server, virtual_server_group and real_server: what the health checks and the data plane
// act on of them.
import type { Endpoint } from '../net/address.js';
import {
  type CheckDefaults,
  checkDefaults,
  checkDefaultsFrom,
  type TcpCheck,
  tcpCheckFrom,
} from './checker.js';
import type { Report } from './diagnostic.js';
import { addressesOf, spanMax } from './group-entry.js';
import type { Headed, ValueOf } from './keywords.js';
import { nearest } from './nearest.js';
import { type Scheduler, scheduled } from './scheduler-table.js';
import { obstacleOf } from './service-obstacle.js';
import { nameOf, type VirtualServerHead } from './virtual-server-head.js';
import type { virtualServerRootTable, virtualServerTable } from './virtual-server-table.js';

export type ForwardingMethod = 'FNAT';
export type TransportProtocol = 'TCP' | 'UDP';

export type RealServer = {
  readonly endpoint: Endpoint;
  /** 0..65535; 0 takes no new connections. */
  readonly weight: number;
  /** true: a failed server stays with weight 0 instead of being removed. */
  readonly inhibitsOnFailure: boolean;
  readonly checkers: readonly TcpCheck[];
};

export type VirtualServerGroup = {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  /** What the data plane cannot do yet of it; null: nothing. */
  readonly obstacle: string | null;
};

export type VirtualServer = {
  /** What the file calls it: "192.0.2.100 80" or "group web". */
  readonly name: string;
  /** One, or all of its virtual_server_group. */
  readonly endpoints: readonly Endpoint[];
  readonly protocol: TransportProtocol;
  readonly scheduler: Scheduler;
  readonly method: ForwardingMethod;
  /** Default interval of the checkers. */
  readonly delayLoopMs: number;
  /** Name of the local_address_group; decode guarantees that it exists. */
  readonly localAddressGroup: string;
  readonly realServers: readonly RealServer[];
};

export type WrittenVirtualServer = Headed<VirtualServerHead, typeof virtualServerTable>;
export type WrittenGroup = ValueOf<typeof virtualServerRootTable.virtual_server_group>;
export type WrittenServer = ValueOf<typeof virtualServerTable.real_server>;

export function virtualServerGroup({ head, lines }: WrittenGroup): VirtualServerGroup {
  const endpoints: Endpoint[] = [];
  let obstacle: string | null = null;
  for (const { value: entry } of lines) {
    const addresses = entry.type === 'fwmark' ? null : addressesOf(entry.span);
    if (entry.type === 'fwmark') obstacle ??= 'a fwmark';
    else if (addresses === null) obstacle ??= `a range of more than ${spanMax} addresses`;
    else for (const address of addresses) endpoints.push({ address, port: entry.port });
  }
  return { name: head, endpoints, obstacle };
}

/** What a virtual server refers to. */
export type Surroundings = {
  readonly groups: ReadonlyMap<string, VirtualServerGroup>;
  readonly localAddressGroups: ReadonlySet<string>;
  readonly hasDataplane: boolean;
};

/** undefined: what cannot be forwarded (yet), which `report` has. */
export function virtualServer(
  written: WrittenVirtualServer,
  around: Surroundings,
  report: Report,
): VirtualServer | undefined {
  const { head, settings, subject } = written;
  const name = nameOf(head);
  const endpoints = endpointsOf(written, around, report);
  const localAddressGroup = localAddressGroupOf(written, around, report);
  const scheduler = scheduled.find((name) => name === settings.value('lb_algo'));
  const protocol = settings.value('protocol');
  const group = head.type === 'group' ? around.groups.get(head.name) : undefined;
  const obstacle = around.hasDataplane
    ? (group?.obstacle ?? obstacleOf(settings, endpoints ?? []))
    : 'no dataplane block';
  if (obstacle !== null) {
    report.notActedOn(`virtual_server with ${obstacle}`, subject.position);
    return undefined;
  }
  if (scheduler === undefined) return undefined;
  if (protocol !== 'TCP' && protocol !== 'UDP') return undefined;
  if (endpoints === undefined || localAddressGroup === undefined) return undefined;
  const defaults = checkDefaultsFrom(settings, checkDefaults);
  const inhibits = settings.value('inhibit_on_failure');
  const weight = settings.value('weight');
  return {
    name,
    endpoints,
    protocol,
    scheduler,
    method: 'FNAT',
    delayLoopMs: defaults.delayLoopMs,
    localAddressGroup,
    realServers: settings
      .all('real_server')
      .map(({ value }) => realServer(value, { defaults, inhibits, weight })),
  };
}

/** undefined: there are none, and it has been said why. */
function endpointsOf(
  { head, subject }: WrittenVirtualServer,
  { groups }: Surroundings,
  report: Report,
): readonly Endpoint[] | undefined {
  if (head.type === 'address') return [{ address: head.address, port: head.port }];
  if (head.type !== 'group') {
    report.notActedOn(`virtual_server ${head.type}`, subject.position);
    return undefined;
  }
  const group = groups.get(head.name);
  if (group === undefined) {
    const hint = hintOf(head.name, groups.keys());
    const message = `there is no virtual_server_group ${head.name}${hint}`;
    report.error('config.unknown_name', subject.position, message);
  }
  return group?.endpoints;
}

function localAddressGroupOf(
  { head, settings, subject }: WrittenVirtualServer,
  { localAddressGroups }: Surroundings,
  report: Report,
): string | undefined {
  const found = settings.found('laddr_group_name');
  if (found !== undefined && !localAddressGroups.has(found.value)) {
    const hint = hintOf(found.value, localAddressGroups);
    const message = `there is no local_address_group ${found.value}${hint}`;
    report.error('config.unknown_name', found.position, message);
    return undefined;
  }
  if (!settings.has('laddr_group_name') && settings.value('lb_kind').kind === 'FNAT') {
    const why = 'FNAT needs source addresses, from a local_address_group';
    const message = `virtual_server ${nameOf(head)} has no laddr_group_name: ${why}`;
    report.error('config.missing_keyword', subject.position, message);
  }
  return found?.value;
}

function hintOf(name: string, known: Iterable<string>): string {
  const near = nearest(name, [...known]);
  return near === null ? '' : `; did you mean "${near}"?`;
}

type Inherited = {
  readonly defaults: CheckDefaults;
  readonly inhibits: boolean;
  readonly weight: number;
};

function realServer(
  { head, settings }: WrittenServer,
  { defaults, inhibits, weight }: Inherited,
): RealServer {
  const own = checkDefaultsFrom(settings, defaults);
  return {
    endpoint: head,
    weight: Math.min(settings.value('weight') ?? weight, weightMax),
    inhibitsOnFailure: settings.value('inhibit_on_failure') ?? inhibits,
    checkers: settings.all('TCP_CHECK').map(({ value }) => tcpCheckFrom(value, head, own)),
  };
}

/** What the data plane can hold; larger weights count as this one. */
const weightMax = 65_535;
