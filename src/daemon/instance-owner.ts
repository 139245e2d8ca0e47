// Who keeps the addresses of an instance, and what belongs to them: the kernel, or a port of the
// data plane for the addresses and the kernel for the rest.
import type { VrrpInstance } from '../config/vrrp.js';
import type { Dataplane } from '../dataplane/dataplane.js';
import { ObjectOwner } from '../ha/object-owner.js';
import { isLeased } from '../ha/vrrp/timing.js';
import type { AddressOwner } from '../ports/address-owner.js';
import type { Clock } from '../ports/clock.js';
import type { Kernel } from '../ports/kernel.js';
import type { KernelObjects } from '../ports/kernel-objects.js';
import type { Log } from '../ports/log.js';
import { DeviceOwners } from './device-owners.js';
import { PortOwner, withoutAddresses } from './port-owner.js';

export type InstanceOwner = ObjectOwner | PortOwner;

export type OwnerWorld = {
  readonly clock: Clock;
  readonly kernel: Kernel;
  readonly kernelObjects: KernelObjects;
  readonly log: Log;
  readonly kernelOwner: (interfaceName: string) => AddressOwner;
  readonly dataplaneOwner: (plane: Dataplane, holder: string, device: string) => AddressOwner;
};

/** `plane`: the data plane as it is when it is asked; null: it does not answer. */
export function instanceOwner(
  { name, interface: base, dpdkInterface: port, objects }: VrrpInstance,
  world: OwnerWorld,
  plane: () => Dataplane | null,
): InstanceOwner {
  const announcer = new DeviceOwners(base, objects.addresses, world.kernelOwner);
  const kernel = new ObjectOwner({
    name,
    objects: port === null ? objects : withoutAddresses(objects),
    world: { ...world, objects: world.kernelObjects },
    announcer,
  });
  if (port === null) return kernel;
  const ownerOn = (current: Dataplane, device: string): AddressOwner =>
    world.dataplaneOwner(current, name, device);
  return new PortOwner({ port, objects, plane, ownerOn, kernel });
}

/** True when an earlier process of this instance left every address with a live lease. */
export async function stillHolds(instance: VrrpInstance, owner: AddressOwner): Promise<boolean> {
  if (!isLeased(instance)) return false;
  const addresses = instance.virtualAddresses.map(({ prefix }) => prefix);
  const held = await owner.held(addresses);
  return held.isOk() && addresses.length > 0 && held.value.length === addresses.length;
}
