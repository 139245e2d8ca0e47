// What garp_group blocks mean together: each has a time, and each interface one group.
import type { Position } from '../../grammar/syntax-tree.js';
import { formatPlace, type Report } from './diagnostic.js';
import type { garpGroupTable } from './link-table.js';
import type { Root } from './root-table.js';
import type { Found, Settings } from './settings.js';

type GarpGroup = Settings<typeof garpGroupTable>;

export function checkLinks(root: Root, report: Report): void {
  const groups = root.all('garp_group');
  for (const group of groups) checkGroup(group, report);
  const first = new Map<string, Position>();
  for (const { value: name, position } of groups.flatMap(({ value }) => interfacesOf(value))) {
    const other = first.get(name);
    if (other === undefined) first.set(name, position);
    else {
      const message = `${name} is in a garp_group already at ${formatPlace(other)}`;
      report.error('config.duplicate', position, message);
    }
  }
}

function checkGroup({ value: group, position }: Found<GarpGroup>, report: Report): void {
  if (group.found('garp_interval') === undefined && group.found('gna_interval') === undefined) {
    const message = 'the garp_group has neither garp_interval nor gna_interval and is left out';
    report.error('config.missing_keyword', position, message);
  }
  for (const { value: names, position: place } of group.all('interfaces')) {
    if (names.length > 0) continue;
    const message = 'interfaces is empty; put names into it or remove it';
    report.warning('config.missing_argument', place, message);
  }
  if (!group.has('interface') && !group.has('interfaces')) {
    report.notice('config.no_effect', position, 'nothing comes of a garp_group without interfaces');
  }
}

/** In the order of the text as far as it matters: keyword by keyword. */
function interfacesOf(group: GarpGroup): readonly Found<string>[] {
  const lines = group.all('interfaces').flatMap(({ value }) => value);
  return [
    ...group.all('interface'),
    ...lines.flatMap(({ value, position }) => value.map((name) => ({ value: name, position }))),
  ];
}
