// What does not fit together in bgp_instance, ospf_instance and announce.
import type { Position } from '../../grammar/syntax-tree.js';
import type { announceTable } from './announce-table.js';
import { checkBgp } from './bgp-checks.js';
import type { Report } from './diagnostic.js';
import { checkKnown } from './known-name.js';
import { Once } from './once.js';
import { checkOspf } from './ospf-checks.js';
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
  for (const { value } of root.all('ospf_instance')) checkOspf(value, report);
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
      checkKnown(block, value.head, value.subject.position, known, report);
      once.see(value.head, position, `announce ${keyword} ${value.head} of ${instance}`);
    }
  }
}
