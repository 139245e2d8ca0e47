// The root of the language: every top-level keyword of keepalived.conf.
import { addressGroupRootTable } from './address-group-table.js';
import { bfdRootTable } from './bfd-table.js';
import { bgpRootTable } from './bgp-table.js';
import { dataplaneRootTable } from './dataplane.js';
import { globalKeyword } from './global-table.js';
import type { Table } from './keywords.js';
import { linkRootTable } from './link-table.js';
import { localAddressGroupTable } from './local-address-group.js';
import { nodeRootTable } from './node-table.js';
import { ospfRootTable } from './ospf-table.js';
import type { Settings } from './settings.js';
import { sslRootTable } from './ssl-table.js';
import { staticTable } from './static-entries.js';
import { groupRootTable } from './sync-group-table.js';
import { trackRootTable } from './track-table.js';
import { tunnelGroupRootTable } from './tunnel-group-table.js';
import { virtualServerRootTable } from './virtual-server-table.js';
import { vrrpRootTable } from './vrrp-table.js';

export const rootTable = {
  global_defs: globalKeyword,
  ...nodeRootTable,
  ...linkRootTable,
  ...dataplaneRootTable,
  ...staticTable,
  ...localAddressGroupTable,
  ...addressGroupRootTable,
  ...tunnelGroupRootTable,
  ...sslRootTable,
  ...bfdRootTable,
  ...bgpRootTable,
  ...ospfRootTable,
  ...trackRootTable,
  ...groupRootTable,
  ...vrrpRootTable,
  ...virtualServerRootTable,
};

export type Root = Settings<typeof rootTable>;

/**
 * Keywords that stand at the root and nowhere else: where a block is not closed they show where the
 * next one begins.
 */
export const onlyAtRoot: ReadonlySet<string> = onlyAt(rootTable);

export function onlyAt(root: Table): ReadonlySet<string> {
  const nested = new Set<string>();
  const visit = (table: Table): void => {
    for (const [name, { inside }] of Object.entries(table)) {
      nested.add(name);
      if (inside !== null) visit(inside);
    }
  };
  for (const { inside } of Object.values(root)) if (inside !== null) visit(inside);
  return new Set(Object.keys(root).filter((name) => !nested.has(name)));
}
