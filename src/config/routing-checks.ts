// What does not fit together in bgp_instance, ospf_instance and announce.
import type { Position } from '../../grammar/syntax-tree.js';
import { type AddressFamily, familyOf, type IpAddress } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';
import type { announceTable } from './announce-table.js';
import type { bgpTable } from './bgp-table.js';
import type { Report } from './diagnostic.js';
import { nearest } from './nearest.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import type { Occurrence, Settings } from './settings.js';

export function checkRouting(root: Root, report: Report): void {
  const names = new Once(report);
  for (const keyword of ['bgp_instance', 'ospf_instance'] as const) {
    const instances: readonly Occurrence<Allowing>[] = root.all(keyword);
    for (const { value, position } of instances) {
      const name = `${keyword} ${value.head}`;
      names.see(name, position, name);
      if (value.settings.all('allow').some((block) => block.value.length > 0)) continue;
      const message = `${name} allows no prefix, so it announces none: allow { PREFIX … }`;
      report.warning('config.ineffective', value.subject.position, message);
    }
  }
  for (const { value } of root.all('bgp_instance')) checkBgp(value, root, report);
  for (const { value } of root.all('ospf_instance')) {
    for (const { value: lines } of value.settings.all('allow')) {
      const family = value.settings.value('version') === '3' ? 'ipv6' : 'ipv4';
      for (const { value: entry, position } of lines)
        checkAllow(entry.prefix, position, family, report);
    }
  }
  for (const { value, instance } of announcements(root))
    checkAnnounce(value, instance, root, report);
}

/** An instance of either protocol. */
type Allowing = {
  readonly head: string;
  readonly subject: { readonly position: Position };
  readonly settings: {
    all(keyword: 'allow'): readonly { readonly value: readonly unknown[] }[];
  };
};

type Bgp = {
  readonly head: string;
  readonly settings: Settings<typeof bgpTable>;
  readonly subject: { readonly position: Position };
};

function checkBgp({ head: name, settings, subject }: Bgp, root: Root, report: Report): void {
  if (!settings.has('local_as')) {
    const message = `bgp_instance ${name} has no local_as`;
    report.error('config.missing_keyword', subject.position, message);
  }
  const templates = new Map(
    settings.all('template').map(({ value }) => [value.head, value.settings]),
  );
  const neighbors = new Once(report);
  const bfdNames = new Set(root.all('bfd_instance').map(({ value }) => value.head));
  for (const { value, position } of settings.all('neighbor')) {
    const { head: neighbor, settings: own } = value;
    neighbors.see(neighbor, position, `neighbor ${neighbor} of bgp_instance ${name}`);
    const template = own.found('template');
    if (template !== undefined) {
      checkName('template', template.value, template.position, templates.keys(), report);
    }
    const inherited = templates.get(template?.value ?? '');
    if (!own.has('remote_as') && inherited?.has('remote_as') !== true) {
      const message = `neighbor ${neighbor} of bgp_instance ${name} has no remote_as`;
      report.error('config.missing_keyword', value.subject.position, message);
    }
    const bfd = own.found('bfd') ?? inherited?.found('bfd');
    if (bfd !== undefined) checkName('bfd_instance', bfd.value, bfd.position, bfdNames, report);
    checkHops(own, report);
    checkSource(neighbor, own.found('update_source'), report);
    checkTimers(own.found('timers'), report);
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

function checkAllow(
  prefix: Prefix,
  position: Position,
  family: AddressFamily,
  report: Report,
): void {
  if (familyOf(prefix.address) === family) return;
  const carried = family === 'ipv4' ? 'IPv4, which OSPFv2 carries' : 'IPv6, which OSPFv3 carries';
  const message = `${prefix.address} is not ${carried}`;
  report.error('config.family_mix', position, message);
}

type Announcement = { readonly value: Settings<typeof announceTable>; readonly instance: string };

function announcements(root: Root): readonly Announcement[] {
  return [
    ...root
      .all('vrrp_instance')
      .flatMap(({ value }) =>
        value.settings
          .all('announce')
          .map((one) => ({ value: one.value, instance: `vrrp_instance ${value.head}` })),
      ),
    ...root
      .all('virtual_server')
      .flatMap(({ value }) =>
        value.settings
          .all('announce')
          .map((one) => ({ value: one.value, instance: 'virtual_server' })),
      ),
  ];
}

function checkAnnounce(
  settings: Settings<typeof announceTable>,
  instance: string,
  root: Root,
  report: Report,
): void {
  for (const [keyword, block] of [
    ['bgp', 'bgp_instance'],
    ['ospf', 'ospf_instance'],
  ] as const) {
    const known = root.all(block).map(({ value }) => value.head);
    const once = new Once(report);
    for (const { value, position } of settings.all(keyword)) {
      checkName(block, value.head, value.subject.position, known, report);
      once.see(value.head, position, `announce ${keyword} ${value.head} of ${instance}`);
    }
  }
}

function checkName(
  keyword: string,
  name: string,
  position: Position,
  known: Iterable<string>,
  report: Report,
): void {
  const names = [...known];
  if (names.includes(name)) return;
  const near = nearest(name, names);
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  report.error('config.unknown_name', position, `there is no ${keyword} ${name}${hint}`);
}
