// ospf_instance: what announcements need to know of it.
import type { AddressFamily } from '../net/address.js';
import type { AllowedPrefix } from './bgp.js';
import { allowedBy } from './bgp-instance.js';
import type { Root } from './root-table.js';

export type OspfInstance = {
  readonly name: string;
  /** OSPFv2 carries IPv4, OSPFv3 IPv6. */
  readonly family: AddressFamily;
  readonly defaultMetric: number;
  readonly allowed: readonly AllowedPrefix[];
};

/** Of each name the first. */
export function ospfInstances(root: Root): readonly OspfInstance[] {
  const first = new Map<string, OspfInstance>();
  for (const { value } of root.all('ospf_instance')) {
    const { head: name, settings } = value;
    if (first.has(name)) continue;
    first.set(name, {
      name,
      family: settings.value('version') === '3' ? 'ipv6' : 'ipv4',
      defaultMetric: settings.value('default_metric'),
      allowed: allowedBy(settings.all('allow')),
    });
  }
  return [...first.values()];
}
