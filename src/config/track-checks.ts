// Names that instances, groups and static entries refer to, and what must be in the blocks that
// they name. keepalived looks trackers up while it reads: they are defined before they are used.
import type { Position } from '../../grammar/syntax-tree.js';
import { familyOf } from '../net/address.js';
import type { Report } from './diagnostic.js';
import { formatPlace } from './diagnostic.js';
import { nearest } from './nearest.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import type { Found, Occurrence } from './settings.js';
import type { TrackEntry } from './track-entry.js';
import type { Weight } from './weight.js';

export function checkTracking(root: Root, report: Report): void {
  checkDefinitions(root, report);
  checkBfd(root, report);
  checkTrackers(root, report);
  checkSyncGroups(root, report);
  checkTrackGroups(root, report);
  checkWeights(root, report);
  checkLevels(root, report);
}

function checkDefinitions(root: Root, report: Report): void {
  const once = new Once(report);
  for (const keyword of ['vrrp_script', 'vrrp_track_process', 'bfd_instance'] as const) {
    for (const { value, position } of root.all(keyword)) {
      once.see(`${keyword} ${value.head}`, position, `${keyword} ${value.head}`);
    }
  }
  const needs = (has: boolean, name: string, what: string, position: Position): void => {
    if (has) return;
    report.error('config.missing_keyword', position, `${name} has no ${what}`);
  };
  for (const { value } of root.all('vrrp_script')) {
    needs(
      value.settings.has('script'),
      `vrrp_script ${value.head}`,
      'script',
      value.subject.position,
    );
  }
  for (const { value } of root.all('vrrp_track_process')) {
    const name = `vrrp_track_process ${value.head}`;
    needs(value.settings.has('process'), name, 'process', value.subject.position);
  }
  for (const { value } of root.all('track_file')) {
    needs(value.settings.has('file'), `track_file ${value.head}`, 'file', value.subject.position);
  }
  for (const { value } of root.all('bfd_instance')) {
    const name = `bfd_instance ${value.head}`;
    needs(value.settings.has('neighbor_ip'), name, 'neighbor_ip', value.subject.position);
  }
}

function checkBfd(root: Root, report: Report): void {
  const once = new Once(report);
  for (const { value } of root.all('bfd_instance')) {
    const neighbor = value.settings.found('neighbor_ip');
    const source = value.settings.found('source_ip');
    if (neighbor === undefined) continue;
    once.see(neighbor.value, neighbor.position, `BFD neighbour ${neighbor.value}`);
    if (source === undefined || familyOf(source.value) === familyOf(neighbor.value)) continue;
    const why = 'one is IPv4, one IPv6';
    const message = `source_ip ${source.value} cannot reach ${neighbor.value}: ${why}`;
    report.error('config.family_mix', source.position, message);
  }
}

const trackers = {
  track_script: 'vrrp_script',
  track_file: 'track_file',
  track_process: 'vrrp_track_process',
  track_bfd: 'bfd_instance',
} as const;

/** An instance or a group. */
type User = Occurrence<{
  readonly head: string;
  readonly settings: {
    all(keyword: keyof typeof trackers): readonly Occurrence<readonly Found<TrackEntry>[]>[];
  };
}>;

function checkTrackers(root: Root, report: Report): void {
  const users: readonly User[] = [...root.all('vrrp_instance'), ...root.all('vrrp_sync_group')];
  for (const user of users) {
    const { head: name, settings } = user.value;
    for (const keyword of ['track_script', 'track_file', 'track_process', 'track_bfd'] as const) {
      const defined = definedBy(root, trackers[keyword]);
      const once = new Once(report);
      const lines = settings.all(keyword).flatMap(({ value }) => value);
      for (const { value: entry, position } of lines) {
        once.see(entry.name, position, `${keyword} ${entry.name} of ${name}`);
        checkDefined(
          trackers[keyword],
          entry.name,
          { position, order: user.order },
          defined,
          report,
        );
      }
    }
  }
}

/** The first definition of each name. */
function definedBy(
  root: Root,
  keyword: (typeof trackers)[keyof typeof trackers],
): ReadonlyMap<string, Occurrence<unknown>> {
  const defined = new Map<string, Occurrence<unknown>>();
  for (const found of root.all(keyword)) {
    if (!defined.has(found.value.head)) defined.set(found.value.head, found);
  }
  return defined;
}

function checkDefined(
  keyword: string,
  name: string,
  use: { readonly position: Position; readonly order: number },
  defined: ReadonlyMap<string, Occurrence<unknown>>,
  report: Report,
): void {
  const found = defined.get(name);
  if (found === undefined) {
    const near = nearest(name, [...defined.keys()]);
    const hint = near === null ? '' : `; did you mean "${near}"?`;
    report.error('config.unknown_name', use.position, `there is no ${keyword} ${name}${hint}`);
  } else if (found.order > use.order) {
    const place = formatPlace(found.position);
    const message = `${keyword} ${name} is defined only at ${place}; keepalived wants it before`;
    report.warning('config.late_definition', use.position, message);
  }
}

function checkSyncGroups(root: Root, report: Report): void {
  const instances = new Set(root.all('vrrp_instance').map(({ value }) => value.head));
  const groups = new Once(report);
  const members = new Once(report);
  for (const { value, position } of root.all('vrrp_sync_group')) {
    const { head: name, settings, subject } = value;
    groups.see(name, position, `vrrp_sync_group ${name}`);
    const found = settings.all('group').flatMap((one) => one.value);
    const names = found.flatMap(({ value: words, position: place }) =>
      words.map((member) => ({ member, place })),
    );
    for (const { member, place } of names) {
      if (instances.has(member)) {
        members.see(member, place, `${member} as the member of a vrrp_sync_group`);
        continue;
      }
      const near = nearest(member, [...instances]);
      const hint = near === null ? '' : `; did you mean "${near}"?`;
      report.error('config.unknown_name', place, `there is no vrrp_instance ${member}${hint}`);
    }
    if (names.length > 1) continue;
    const what = names.length === 0 ? 'no member' : 'one member, which needs no group';
    const message = `vrrp_sync_group ${name} has ${what}: group { INSTANCE … }`;
    report.warning('config.ineffective', subject.position, message);
  }
}

/** The members of a group share their state, so weights of one mean nothing. */
function checkWeights(root: Root, report: Report): void {
  const weighted = weightedNames(root);
  const members = new Set(
    root
      .all('vrrp_sync_group')
      .filter(({ value }) => !value.settings.has('sync_group_tracking_weight'))
      .flatMap(({ value }) => value.settings.all('group').flatMap((one) => one.value))
      .flatMap(({ value }) => value),
  );
  for (const { value } of root.all('vrrp_instance')) {
    if (!members.has(value.head)) continue;
    for (const keyword of tracking) {
      for (const { value: entry, position } of value.settings
        .all(keyword)
        .flatMap((one) => one.value)) {
        const own = weighted.has(`${keyword} ${entry.name}`) ? 1 : 0;
        if ((entry.weight ?? own) === 0) continue;
        const message = `${keyword} ${entry.name}: the weight is ignored in a vrrp_sync_group`;
        report.warning('config.ineffective', position, message);
      }
    }
  }
}

/** With weights the lowest member decides; keepalived wants them to begin at one level. */
function checkLevels(root: Root, report: Report): void {
  const priorities = new Map(
    root
      .all('vrrp_instance')
      .toReversed()
      .map(({ value: { head, settings } }) => [
        head,
        settings.value('priority') ?? (settings.value('state') === 'MASTER' ? 255 : 100),
      ]),
  );
  for (const { value } of root.all('vrrp_sync_group')) {
    const weights = value.settings.found('sync_group_tracking_weight');
    if (weights === undefined) continue;
    const members = value.settings.all('group').flatMap((one) => one.value);
    const levels = members
      .flatMap(({ value: names }) => names)
      .flatMap((name) => {
        const priority = priorities.get(name);
        return priority === undefined ? [] : [{ name, priority }];
      });
    if (new Set(levels.map(({ priority }) => priority)).size < 2) continue;
    const listed = levels.map(({ name, priority }) => `${name} ${priority}`).join(', ');
    const message =
      `vrrp_sync_group ${value.head}: sync_group_tracking_weight is for members of one priority, ` +
      `not for ${listed}`;
    report.notice('config.unequal_members', weights.position, message);
  }
}

/** Things that are tracked with a weight of their own, behind the keyword that tracks them. */
function weightedNames(root: Root): ReadonlySet<string> {
  const names = (Object.keys(trackers) as (keyof typeof trackers)[]).flatMap((keyword) => {
    const defined: readonly Occurrence<Weighed>[] = root.all(trackers[keyword]);
    const weighted = defined.filter(({ value }) => value.settings.value('weight').weight !== 0);
    return weighted.map(({ value }) => `${keyword} ${value.head}`);
  });
  return new Set(names);
}

/** Something that can be tracked. */
type Weighed = {
  readonly head: string;
  readonly settings: { value(keyword: 'weight'): Weight };
};

const tracking = [
  'track_interface',
  'track_script',
  'track_file',
  'track_process',
  'track_bfd',
] as const;

/** Static entries follow groups that are defined before them. */
function checkTrackGroups(root: Root, report: Report): void {
  const defined = new Map(root.all('track_group').map((one) => [one.value.head, one]));
  const blocks = [
    ...root.all('static_ipaddress').map(({ order, value }) => ({
      order,
      lines: value.map(({ value: line, position }) => ({
        group: line.options.track_group,
        position,
      })),
    })),
    ...root.all('static_routes').map(({ order, value }) => ({
      order,
      lines: value.map(({ value: line, position }) => ({
        group: line.options.track_group,
        position,
      })),
    })),
    ...root.all('static_rules').map(({ order, value }) => ({
      order,
      lines: value.map(({ value: line, position }) => ({ group: line.track_group, position })),
    })),
  ];
  for (const { order, lines } of blocks) {
    for (const { group, position } of lines) {
      if (group === undefined) continue;
      checkDefined('track_group', group, { position, order }, defined, report);
    }
  }
}
