// The root of a decoded configuration: plain frozen data with every default filled in.
import type { DataplaneConfig } from './dataplane.js';
import type { GlobalConfig } from './global.js';
import type { FirewallConfig, StaticObjects } from './kernel-objects.js';
import type { LocalAddressGroup } from './local-address-group.js';
import type { VirtualServer, VirtualServerGroup } from './virtual-server.js';
import type { VrrpInstance } from './vrrp.js';

export type Config = {
  readonly global: GlobalConfig;
  /** null: the file has no `dataplane` block and DPDK is not touched. */
  readonly dataplane: DataplaneConfig | null;
  readonly staticObjects: StaticObjects;
  readonly firewall: FirewallConfig;
  readonly localAddressGroups: readonly LocalAddressGroup[];
  readonly vrrpInstances: readonly VrrpInstance[];
  readonly virtualServerGroups: readonly VirtualServerGroup[];
  readonly virtualServers: readonly VirtualServer[];
};
