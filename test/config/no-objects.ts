// Instances and files that put nothing of their own into the kernel.
import type {
  FirewallConfig,
  InstanceObjects,
  StaticObjects,
} from '../../src/config/kernel-objects.js';
import type { VirtualAddress } from '../../src/config/vrrp.js';

export const noObjects: InstanceObjects = {
  links: [],
  transmitsOn: 'eth0',
  promotesSecondaries: false,
  accepts: true,
  addresses: [],
  routes: [],
  rules: [],
  portRoutes: [],
  localAddresses: [],
};

/** Addresses with nothing said behind them, and nothing else. */
export function objectsFor(addresses: readonly VirtualAddress[]): InstanceObjects {
  const attributes = {
    ...{ scope: null, broadcast: null, label: null, peer: null, preferredSeconds: null },
    flags: [],
  };
  return {
    ...noObjects,
    addresses: addresses.map(({ prefix, device }) => ({
      ...{ prefix, device, attributes },
      ...{ isTracked: true, isAdvertised: true },
    })),
  };
}

export const noStaticObjects: StaticObjects = {
  addresses: [],
  routes: [],
  rules: [],
  groups: [],
};

export const plainFirewall: FirewallConfig = {
  table: 'keepalived',
  priority: -1,
  countsPackets: false,
  silencesIgmp: false,
};
