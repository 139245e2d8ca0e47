// The root of a decoded configuration: plain frozen data with every default filled in.

import type { BfdInstance } from './bfd.js';
import type { BgpInstance } from './bgp.js';
import type { DataplaneConfig } from './dataplane.js';
import type { GarpRates } from './garp.js';
import type { GlobalConfig } from './global.js';
import type { FirewallConfig, StaticObjects } from './kernel-objects.js';
import type { LocalAddressGroup } from './local-address-group.js';
import type { GlobalNotification } from './notification.js';
import type { OperationsConfig } from './operations.js';
import type { OspfInstance } from './ospf.js';
import type { SyncGroup } from './sync-group.js';
import type { Tracking } from './tracking.js';
import type { VirtualServer, VirtualServerGroup } from './virtual-server.js';
import type { VrrpInstance } from './vrrp.js';

export type Config = {
  readonly global: GlobalConfig;
  readonly operations: OperationsConfig;
  /** null: the file has no `dataplane` block and DPDK is not touched. */
  readonly dataplane: DataplaneConfig | null;
  readonly staticObjects: StaticObjects;
  readonly firewall: FirewallConfig;
  readonly localAddressGroups: readonly LocalAddressGroup[];
  readonly syncGroups: readonly SyncGroup[];
  readonly vrrpInstances: readonly VrrpInstance[];
  /** How far apart messages about virtual addresses are, on which interfaces. */
  readonly garpRates: GarpRates;
  /** What the instances track. */
  readonly tracking: Tracking;
  /** Script security, FIFOs and mail. */
  readonly notification: GlobalNotification;
  readonly virtualServerGroups: readonly VirtualServerGroup[];
  readonly virtualServers: readonly VirtualServer[];
  readonly bgpInstances: readonly BgpInstance[];
  readonly ospfInstances: readonly OspfInstance[];
  readonly bfdInstances: readonly BfdInstance[];
};
