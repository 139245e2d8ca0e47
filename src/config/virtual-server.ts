// virtual_server, virtual_server_group and real_server: what the health checks and the data plane
// act on of them.
import { type AddressFamily, type Endpoint, familyOf } from '../net/address.js';
import type { Match, Protocol, ServerOptions, ServiceOptions } from '../net/service.js';
import type { Announcement } from './announcement.js';
import { announcementOf } from './announcement-block.js';
import { type CheckDefaults, checkDefaults, checkDefaultsFrom } from './checker.js';
import { type Checker, checkersOf } from './checkers/checkers.js';
import type { Report } from './diagnostic.js';
import type { Forwarding } from './forwarding.js';
import { addressesOf, spanMax } from './group-entry.js';
import type { Headed, ValueOf } from './keywords.js';
import { nearest } from './nearest.js';
import { type QuorumRules, quorumRules, sorryServerOf } from './quorum.js';
import { isPossible, isReachable, type ServerSurroundings } from './service-faults.js';
import { matchOf } from './service-match.js';
import {
  type CheckerMails,
  type ServerNotification,
  type ServiceNotification,
  serverNotification,
  serviceNotification,
} from './service-notification.js';
import { obstacleOf } from './service-obstacle.js';
import { serverOptions, serviceOptions } from './service-options.js';
import type { Settings } from './settings.js';
import { type Steadiness, serverSteadiness, serviceSteadiness } from './steadiness.js';
import { nameOf, type VirtualServerHead } from './virtual-server-head.js';
import type { virtualServerRootTable, virtualServerTable } from './virtual-server-table.js';

export type RealServer = ServerOptions &
  Steadiness & {
    readonly endpoint: Endpoint;
    /** true: a failed server stays with weight 0 instead of being removed. */
    readonly inhibitsOnFailure: boolean;
    readonly checkers: readonly Checker[];
    readonly notification: ServerNotification;
  };

export type VirtualServerGroup = {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  /** What the data plane cannot do yet of it; null: nothing. */
  readonly obstacle: string | null;
  /** Of its virtual servers that have none of their own. */
  readonly announcement: Announcement | null;
};

export type VirtualServer = ServiceOptions &
  QuorumRules & {
    /** What the file calls it: "192.0.2.100 80", "group web" or "match out". */
    readonly name: string;
    /** One, or all of its virtual_server_group; none of a match. */
    readonly endpoints: readonly Endpoint[];
    readonly match: Match | null;
    readonly protocol: Protocol;
    /** Default interval of the checkers. */
    readonly delayLoopMs: number;
    readonly notification: ServiceNotification;
    /** omega: the end of the daemon is told as the end of its servers. */
    readonly tellsItsEnd: boolean;
    /** ha_suspend: not checked while none of its addresses is on this node. */
    readonly isSuspendedElsewhere: boolean;
    /** Name of the local_address_group, which decode guarantees to exist; null: none. */
    readonly localAddressGroup: string | null;
    readonly realServers: readonly RealServer[];
    /** null: no routing protocol is told. */
    readonly announcement: Announcement | null;
  };

export type WrittenVirtualServer = Headed<VirtualServerHead, typeof virtualServerTable>;
export type WrittenGroup = ValueOf<typeof virtualServerRootTable.virtual_server_group>;
export type WrittenServer = ValueOf<typeof virtualServerTable.real_server>;

export function virtualServerGroup({ head, lines, settings }: WrittenGroup): VirtualServerGroup {
  const endpoints: Endpoint[] = [];
  let obstacle: string | null = null;
  for (const { value: entry } of lines) {
    const addresses = entry.type === 'fwmark' ? null : addressesOf(entry.span);
    if (entry.type === 'fwmark') obstacle ??= 'a fwmark';
    else if (addresses === null) obstacle ??= `a range of more than ${spanMax} addresses`;
    else for (const address of addresses) endpoints.push({ address, port: entry.port });
  }
  const announcement = announcementOf(settings.found('announce'), 'quorum');
  return { name: head, endpoints, obstacle, announcement };
}

/** What a virtual server refers to. */
export type Surroundings = {
  readonly groups: ReadonlyMap<string, VirtualServerGroup>;
  /** Families of the addresses of each local_address_group. */
  readonly localAddressGroups: ReadonlyMap<string, ReadonlySet<AddressFamily>>;
  readonly hasDataplane: boolean;
  /** What the file says elsewhere for all checks. */
  readonly checks: Pick<
    CheckDefaults,
    'logsAllFailures' | 'fileWeights' | 'bfdNames' | 'tlsIdentity'
  >;
  readonly mails: CheckerMails;
};

/** undefined: what cannot be forwarded (yet), which `report` has. */
export function virtualServer(
  written: WrittenVirtualServer,
  around: Surroundings,
  report: Report,
): VirtualServer | undefined {
  const { head, settings, subject } = written;
  const endpoints = endpointsOf(written, around, report);
  const localAddressGroup = localAddressGroupOf(written, around, report);
  const families = familiesOf(written, endpoints ?? []);
  const group = head.type === 'group' ? around.groups.get(head.name) : undefined;
  const obstacle = around.hasDataplane
    ? (group?.obstacle ?? obstacleOf(settings, families))
    : 'no dataplane block';
  if (obstacle !== null) {
    report.notActedOn(`virtual_server with ${obstacle}`, subject.position);
    return undefined;
  }
  if (endpoints === undefined || localAddressGroup === undefined) return undefined;
  const match = head.type === 'match' ? matchOf(written, report) : null;
  if (match === undefined || !isPossible(written, report)) return undefined;
  const isAnyPort = endpoints.some(({ port }) => port === 0);
  const [family = match?.family ?? 'ipv4'] = families;
  const servers = {
    name: nameOf(head),
    match,
    families: match === null ? families : [match.family],
    mails: around.mails,
    localFamilies: around.localAddressGroups.get(localAddressGroup ?? '') ?? new Set(),
  };
  const defaults = serviceCheckDefaults(settings, around.checks);
  const realServers = realServersOf(written, servers, defaults, report);
  const totalWeight = realServers.reduce((sum, { weight }) => sum + weight, 0);
  return {
    name: nameOf(head),
    endpoints,
    match,
    protocol: settings.value('protocol'),
    ...serviceOptions(settings, family, isAnyPort),
    delayLoopMs: defaults.delayLoopMs,
    notification: serviceNotification(settings, around.mails),
    tellsItsEnd: settings.value('omega'),
    isSuspendedElsewhere: settings.value('ha_suspend'),
    localAddressGroup,
    realServers,
    ...quorumRules(settings, totalWeight),
    sorryServer: sorryServerOf(settings, endpoints[0]?.port ?? 0, servers, report),
    announcement:
      announcementOf(settings.found('announce'), 'quorum') ?? group?.announcement ?? null,
  };
}

function familiesOf(
  { head }: WrittenVirtualServer,
  endpoints: readonly Endpoint[],
): readonly AddressFamily[] {
  if (head.type === 'match') return [];
  return [...new Set(endpoints.map(({ address }) => familyOf(address)))];
}

/** undefined: there are none, and it has been said why. */
function endpointsOf(
  { head, subject }: WrittenVirtualServer,
  { groups }: Surroundings,
  report: Report,
): readonly Endpoint[] | undefined {
  if (head.type === 'address') return [{ address: head.address, port: head.port }];
  if (head.type === 'match') return [];
  if (head.type === 'fwmark') {
    const message =
      `virtual_server fwmark ${head.mark} is accepted but not acted on: packets of a DPDK data ` +
      'plane carry no marks; tell them by virtual_server match';
    report.notice('config.not_acted_on', subject.position, message);
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

/** null: it has none. undefined: what it names does not exist, which has been said. */
function localAddressGroupOf(
  { head, settings, subject }: WrittenVirtualServer,
  { localAddressGroups }: Surroundings,
  report: Report,
): string | null | undefined {
  const found = settings.found('laddr_group_name');
  if (found !== undefined && !localAddressGroups.has(found.value)) {
    const hint = hintOf(found.value, localAddressGroups.keys());
    const message = `there is no local_address_group ${found.value}${hint}`;
    report.error('config.unknown_name', found.position, message);
    return undefined;
  }
  if (!settings.has('laddr_group_name') && settings.value('lb_kind').kind === 'FNAT') {
    const why = 'FNAT needs source addresses, from a local_address_group';
    const message = `virtual_server ${nameOf(head)} has no laddr_group_name: ${why}`;
    report.error('config.missing_keyword', subject.position, message);
    return undefined;
  }
  return found?.value ?? null;
}

function hintOf(name: string, known: Iterable<string>): string {
  const near = nearest(name, [...known]);
  return near === null ? '' : `; did you mean "${near}"?`;
}

type Inherited = {
  readonly defaults: CheckDefaults;
  readonly inhibits: boolean;
  readonly weight: number;
  readonly forwarding: Forwarding;
  readonly steadiness: Steadiness;
  readonly mails: CheckerMails;
};

function serviceCheckDefaults(
  settings: Settings<typeof virtualServerTable>,
  checks: Surroundings['checks'],
): CheckDefaults {
  return {
    ...checkDefaultsFrom(settings, { ...checkDefaults, ...checks }),
    startsDown: settings.value('alpha'),
    virtualHost: settings.value('virtualhost') ?? null,
  };
}

function realServersOf(
  { settings }: WrittenVirtualServer,
  around: ServerSurroundings & Pick<Surroundings, 'mails'>,
  defaults: CheckDefaults,
  report: Report,
): readonly RealServer[] {
  const inherited: Inherited = {
    defaults,
    inhibits: settings.value('inhibit_on_failure'),
    weight: settings.value('weight'),
    forwarding: settings.value('lb_kind'),
    steadiness: serviceSteadiness(settings),
    mails: around.mails,
  };
  return settings.all('real_server').flatMap(({ value, position }) => {
    const server = realServer(value, inherited);
    return isReachable(server, around, position, report) ? [server] : [];
  });
}

function realServer({ head, settings }: WrittenServer, inherited: Inherited): RealServer {
  const { defaults } = inherited;
  const own = {
    ...checkDefaultsFrom(settings, defaults),
    startsDown: settings.value('alpha') ?? defaults.startsDown,
    virtualHost: settings.value('virtualhost') ?? defaults.virtualHost,
  };
  const options = serverOptions(settings, inherited);
  return {
    endpoint: head,
    ...options,
    ...serverSteadiness(settings, inherited.steadiness),
    inhibitsOnFailure: settings.value('inhibit_on_failure') ?? inherited.inhibits,
    checkers: checkersOf(settings, head, own, options.weight),
    notification: serverNotification(settings, inherited.mails),
  };
}
