// What does not fit together in a bgp_instance.
import type { Position } from '../../grammar/syntax-tree.js';
import { familyOf, type IpAddress, isLinkLocal } from '../net/address.js';
import { checkAllow } from './allow-checks.js';
import type { bgpTable, neighborTable } from './bgp-table.js';
import type { Report } from './diagnostic.js';
import type { ValueOf } from './keywords.js';
import { checkKnown } from './known-name.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import type { Occurrence, Settings } from './settings.js';

type Neighbor = Settings<typeof neighborTable>;
type Template = ValueOf<typeof bgpTable.template>['settings'];

type Bgp = {
  readonly head: string;
  readonly settings: Settings<typeof bgpTable>;
  readonly subject: { readonly position: Position };
};

export function checkBgp({ head: name, settings, subject }: Bgp, root: Root, report: Report): void {
  if (!settings.has('local_as')) {
    const message = `bgp_instance ${name} has no local_as`;
    report.error('config.missing_keyword', subject.position, message);
  }
  const templates = new Map(
    settings.all('template').map(({ value }) => [value.head, value.settings]),
  );
  const neighbors = new Once(report);
  const bfdInstances = root.all('bfd_instance').map(({ value }) => value);
  for (const { value, position } of settings.all('neighbor')) {
    const { head: neighbor, settings: own } = value;
    const isFirst = neighbors.see(
      neighbor,
      position,
      `neighbor ${neighbor} of bgp_instance ${name}`,
    );
    if (!isFirst && isLinkLocal(neighbor)) {
      const message =
        `${neighbor} can be a neighbour on one link only: a key of TCP-MD5 belongs to an address ` +
        'whatever its link is; give the other router another link-local address';
      report.error('config.duplicate', position, message);
    }
    const template = own.found('template');
    if (template !== undefined) {
      checkKnown('template', template.value, template.position, templates.keys(), report);
    }
    const inherited = templates.get(template?.value ?? '');
    if (!own.has('remote_as') && inherited?.has('remote_as') !== true) {
      const message = `neighbor ${neighbor} of bgp_instance ${name} has no remote_as`;
      report.error('config.missing_keyword', value.subject.position, message);
    }
    const bfd = own.found('bfd') ?? inherited?.found('bfd');
    const watcher = bfd?.value.instance ?? null;
    if (bfd !== undefined && watcher !== null) {
      const names = bfdInstances.map(({ head }) => head);
      checkKnown('bfd_instance', watcher, bfd.position, names, report);
      const watched = bfdInstances
        .find(({ head }) => head === watcher)
        ?.settings.value('neighbor_ip');
      checkWatched(neighbor, watcher, watched, bfd.position, report);
    }
    checkHops(own, report);
    if (isLinkLocal(neighbor) && !own.has('interface') && inherited?.has('interface') !== true) {
      const message = `neighbor ${neighbor} is one on each link: add interface NAME`;
      report.error('config.missing_keyword', value.subject.position, message);
    }
    checkSource(neighbor, own.found('update_source'), report);
    checkTimers(own.found('timers'), report);
    checkFamilies(neighbor, own, inherited, report);
    checkAllow(own.all('allow'), null, report);
    const remoteAs = own.value('remote_as') ?? inherited?.value('remote_as');
    const isInternal = remoteAs === 'internal' || remoteAs === settings.value('local_as');
    if (remoteAs !== undefined) checkKind(own, isInternal, report);
  }
  checkAllow(settings.all('allow'), null, report);
  for (const { value } of settings.all('template')) {
    checkHops(value.settings, report);
    checkTimers(value.settings.found('timers'), report);
  }
}

/** A session that somebody else answers says nothing of the neighbour. */
function checkWatched(
  neighbor: IpAddress,
  watcher: string,
  watched: IpAddress | undefined,
  position: Position,
  report: Report,
): void {
  if (watched === undefined || watched === neighbor) return;
  const message = `bfd_instance ${watcher} watches ${watched}, not the neighbour ${neighbor}`;
  report.warning('config.conflict', position, message);
}

/** What means nothing inside an AS, or between two. */
function checkKind(own: Neighbor, isInternal: boolean, report: Report): void {
  const [keyword, reason] = isInternal
    ? ([
        'ebgp_multihop',
        'is for neighbours in another AS; inside one they may be anywhere',
      ] as const)
    : (['local_preference', 'is never sent to another AS; use med or as_path_prepend'] as const);
  const found = own.found(keyword);
  if (found !== undefined) {
    report.warning('config.ineffective', found.position, `${keyword} ${reason}`);
  }
}

/** The other family needs to be told where its packets go. */
function checkFamilies(
  neighbor: IpAddress,
  own: Neighbor,
  inherited: Template | undefined,
  report: Report,
): void {
  const nextHops = [...own.all('next_hop'), ...(inherited?.all('next_hop') ?? [])];
  const known = new Set(nextHops.map(({ value }) => familyOf(value)));
  const hasExtended =
    own.has('capability_extended_nexthop') ||
    inherited?.has('capability_extended_nexthop') === true;
  for (const { value, position } of own.all('address_family')) {
    const { family } = value;
    if (family === familyOf(neighbor) || known.has(family)) continue;
    if (hasExtended && family === 'ipv4') continue;
    const remedy = family === 'ipv4' ? ' or capability_extended_nexthop' : '';
    const needed = `a next_hop of their own family${remedy}`;
    const message = `${family} prefixes for ${neighbor} need ${needed}`;
    report.error('config.family_mix', position, message);
  }
}

function checkHops(
  settings: {
    found(keyword: 'ttl_security' | 'ebgp_multihop'): { readonly position: Position } | undefined;
  },
  report: Report,
): void {
  const security = settings.found('ttl_security');
  if (security === undefined || settings.found('ebgp_multihop') === undefined) return;
  const message = 'ttl_security and ebgp_multihop exclude each other; remove one';
  report.error('config.conflict', security.position, message);
}

function checkSource(
  neighbor: IpAddress,
  source: Occurrence<IpAddress> | undefined,
  report: Report,
): void {
  if (source === undefined || familyOf(source.value) === familyOf(neighbor)) return;
  const message = `update_source ${source.value} cannot reach ${neighbor}: one is IPv4, one IPv6`;
  report.error('config.family_mix', source.position, message);
}

/** RFC 4271 4.2: a hold time is 0 or at least 3 seconds. */
function checkTimers(
  timers: Occurrence<{ readonly keepaliveMs: number; readonly holdMs: number }> | undefined,
  report: Report,
): void {
  if (timers === undefined) return;
  const { keepaliveMs, holdMs } = timers.value;
  const isLegal = holdMs === 0 ? keepaliveMs === 0 : holdMs >= 3000 && keepaliveMs * 2 < holdMs;
  if (isLegal) return;
  const message = 'the hold time is 0 or 3 seconds and more, and over twice the time of keepalives';
  report.error('config.bad_argument', timers.position, message);
}
