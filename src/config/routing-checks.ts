// What does not fit together in bgp_instance, ospf_instance and announce.
import type { Position } from '../../grammar/syntax-tree.js';
import { checkAnnouncements } from './announce-checks.js';
import { checkBgp } from './bgp-checks.js';
import { checkBgpListeners } from './bgp-listen-checks.js';
import type { Config } from './config.js';
import type { Report } from './diagnostic.js';
import { Once } from './once.js';
import { checkOspf } from './ospf-checks.js';
import type { Root } from './root-table.js';
import type { Occurrence } from './settings.js';

export function checkRouting(
  root: Root,
  config: Pick<Config, 'bgpInstances' | 'ospfInstances' | 'dataplane'>,
  report: Report,
): void {
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
  checkBgpListeners(root, report);
  for (const { value } of root.all('ospf_instance')) checkOspf(value, report);
  checkAnnouncements(root, config, report);
}

/** An instance of either protocol. */
type Allowing = {
  readonly head: string;
  readonly subject: { readonly position: Position };
  readonly settings: {
    all(keyword: 'allow'): readonly { readonly value: readonly unknown[] }[];
  };
};
