// bgp_instance: the neighbours with their templates resolved and every default filled in. What does
// not fit together is in bgp-checks.ts.
import { familyOf, type IpAddress } from '../net/address.js';
import { rangeOf } from '../net/prefix-range.js';
import type { AllowEntry } from './allow-entry.js';
import { namedBfdSettings, ownBfdSettings } from './bfd-of-neighbor.js';
import type { AllowedPrefix, BgpInstance, BgpNeighbor, CommunityKind } from './bgp.js';
import { noAttributes, writtenAttributes } from './bgp-attributes.js';
import type { bgpRootTable, bgpTable, neighborTable } from './bgp-table.js';
import type { ValueOf } from './keywords.js';
import type { Root } from './root-table.js';
import type { Found, Settings } from './settings.js';

type WrittenInstance = ValueOf<typeof bgpRootTable.bgp_instance>;
type Own = Settings<typeof neighborTable>;
type Template = ValueOf<typeof bgpTable.template>['settings'];
/** Keywords that both may give. */
type Shared = Exclude<keyof Template['table'], 'next_hop'> & string;

const defaultKeepaliveMs = 3_000;
const defaultHoldMs = 9_000;
const ttlMax = 255;
const kinds: readonly CommunityKind[] = ['standard', 'extended', 'large'];

/** Of each name the first; without an AS of its own it is left out, which the checks have said. */
export function bgpInstances(root: Root): readonly BgpInstance[] {
  const first = new Map<string, BgpInstance>();
  for (const { value } of root.all('bgp_instance')) {
    const instance = bgpInstance(value, root);
    if (instance !== undefined && !first.has(instance.name)) first.set(instance.name, instance);
  }
  return [...first.values()];
}

function bgpInstance({ head: name, settings }: WrittenInstance, root: Root) {
  const localAs = settings.value('local_as');
  if (localAs === undefined) return undefined;
  const listen = settings.value('listen');
  const templates = new Map(
    settings.all('template').map(({ value }) => [value.head, value.settings]),
  );
  const allowed = allowedBy(settings.all('allow'));
  const neighbors = new Map<IpAddress, BgpNeighbor>();
  for (const { value } of settings.all('neighbor')) {
    const both = new WithTemplate(value.settings, templates);
    const neighbor = neighborOf(value.head, both, { localAs, allowed, root });
    if (neighbor !== undefined && !neighbors.has(value.head)) neighbors.set(value.head, neighbor);
  }
  return {
    name,
    localAs,
    routerId: settings.value('router_id') ?? null,
    listen: listen === undefined ? 'any' : listen === 'off' ? null : (listen as IpAddress),
    neighbors: [...neighbors.values()],
    gracefulShutdownMs: settings.value('graceful_shutdown'),
    logsNeighborChanges: settings.value('log_neighbor_changes'),
  } satisfies BgpInstance;
}

export function allowedBy(
  blocks: readonly Found<readonly Found<AllowEntry>[]>[],
): readonly AllowedPrefix[] {
  const entries = blocks.flatMap(({ value }) => value.map((one) => one.value));
  return entries.map(({ prefix, ge, le }) => rangeOf(prefix, ge, le));
}

/** A neighbour's own settings before those of its template. */
class WithTemplate {
  readonly own: Own;
  readonly template: Template | undefined;

  constructor(own: Own, templates: ReadonlyMap<string, Template>) {
    this.own = own;
    this.template = templates.get(own.value('template') ?? '');
  }

  found<K extends Shared>(name: K) {
    return this.own.found(name) ?? this.template?.found(name);
  }

  has(name: Shared): boolean {
    return this.own.found(name) !== undefined || this.template?.found(name) !== undefined;
  }

  /** The table's fallback where neither says anything. */
  value<K extends Shared>(name: K) {
    return this.found(name)?.value ?? this.own.value(name);
  }
}

type Around = {
  readonly localAs: number;
  readonly allowed: readonly AllowedPrefix[];
  readonly root: Root;
};

function neighborOf(
  address: IpAddress,
  both: WithTemplate,
  { localAs, allowed, root }: Around,
): BgpNeighbor | undefined {
  const writtenAs = both.found('remote_as')?.value;
  if (writtenAs === undefined) return undefined;
  const remoteAs = writtenAs === 'internal' ? localAs : writtenAs;
  const isInternal = remoteAs === localAs;
  const shutdown = both.found('shutdown');
  const restartMs = both.value('graceful_restart') ?? null;
  const written = both.own.all('address_family').map(({ value }) => value.family);
  const { own, template } = both;
  const attributes = writtenAttributes(template === undefined ? [own] : [own, template]);
  return {
    address,
    description: both.found('description')?.value ?? null,
    remoteAs,
    isInternal,
    shutdown: shutdown === undefined ? null : { text: shutdown.value ?? '' },
    password: both.found('password')?.value ?? null,
    ...hopsOf(both, isInternal),
    port: both.value('port'),
    source: both.found('update_source')?.value ?? null,
    interface: both.found('interface')?.value ?? null,
    isPassive: both.value('passive'),
    ...timersOf(both),
    connectRetryMs: both.value('connect_retry'),
    bfd: bfdOf(address, both, root),
    gracefulRestartS: restartMs === null ? null : restartMs / 1000,
    prefixesMax: both.found('maximum_prefix')?.value ?? null,
    prefixesOutMax: both.value('maximum_prefix_out'),
    sendsCommunities: kindsOf(both.value('send_community')),
    hasExtendedNextHop: both.value('capability_extended_nexthop'),
    families: written.length > 0 ? [...new Set(written)] : [familyOf(address)],
    attributes: { ...noAttributes, ...attributes },
    allowed: [...allowed, ...allowedBy(own.all('allow'))],
  };
}

/** RFC 4271 5.1.3 and 5082: a neighbour in another AS is on the link, unless it is said how far. */
function hopsOf(
  both: WithTemplate,
  isInternal: boolean,
): Pick<BgpNeighbor, 'sentHops' | 'hopsMin'> {
  // Its own of the two counts, before one of the template.
  const ownMultihop = both.own.found('ebgp_multihop');
  const security =
    both.own.found('ttl_security') ??
    (ownMultihop === undefined ? both.template?.found('ttl_security') : undefined);
  if (security !== undefined) {
    return { sentHops: ttlMax, hopsMin: ttlMax + 1 - security.value.count };
  }
  const multihop = both.found('ebgp_multihop')?.value;
  return { sentHops: isInternal ? ttlMax : (multihop ?? 1), hopsMin: null };
}

function timersOf(both: WithTemplate): Pick<BgpNeighbor, 'keepaliveMs' | 'holdMs'> {
  const timers = both.found('timers')?.value;
  return timers ?? { keepaliveMs: defaultKeepaliveMs, holdMs: defaultHoldMs };
}

/** What is not there was complained of: then the session is one of its own. */
function bfdOf(address: IpAddress, both: WithTemplate, root: Root): BgpNeighbor['bfd'] {
  const bfd = both.found('bfd')?.value;
  if (bfd === undefined) return null;
  const place = {
    neighbor: address,
    source: both.found('update_source')?.value ?? null,
    interface: both.found('interface')?.value ?? null,
    isMultihop: (both.found('ebgp_multihop')?.value ?? 1) > 1,
  };
  const named = root.all('bfd_instance').find(({ value }) => value.head === bfd.instance)?.value;
  if (named === undefined) return { instance: null, settings: ownBfdSettings(place) };
  return { instance: named.head, settings: namedBfdSettings(named.settings, place) };
}

function kindsOf(words: readonly string[]): readonly CommunityKind[] {
  const isWanted = (kind: CommunityKind): boolean =>
    words.includes('all') || words.includes(kind) || (kind !== 'large' && words.includes('both'));
  return kinds.filter(isWanted);
}
