// What the file says of an instance, for its status: who it is and what belongs to it.
import type { PortRoute } from '../config/port-objects.js';
import type { VirtualAddress, VrrpInstance } from '../config/vrrp.js';
import { formatPrefix } from '../net/prefix.js';
import type { InstanceStatus } from './status.js';

type Identity = Pick<
  InstanceStatus,
  'family' | 'version' | 'interface' | 'virtualRouterId' | 'basePriority' | 'port' | 'belongings'
>;

export function identityOf(instance: VrrpInstance): Identity {
  const { objects } = instance;
  return {
    family: instance.family,
    version: instance.version,
    interface: instance.interface,
    virtualRouterId: instance.virtualRouterId,
    basePriority: instance.priority,
    port: instance.dpdkInterface,
    belongings: {
      addresses: instance.virtualAddresses.map(addressText),
      excludedAddresses: objects.addresses.filter((one) => !one.isAdvertised).map(addressText),
      localAddresses: objects.localAddresses.map(addressText),
      portRoutes: objects.portRoutes.map(routeText),
    },
  };
}

function addressText({ prefix, device }: VirtualAddress): string {
  return `${formatPrefix(prefix)} dev ${device}`;
}

function routeText({ destination, gateway, device }: PortRoute): string {
  const via = gateway === null ? '' : ` via ${gateway}`;
  return `${formatPrefix(destination)}${via} dev ${device}`;
}
