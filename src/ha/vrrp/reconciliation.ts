// What a reload means for an instance that runs. Pure.
import type { VrrpInstance } from '../../config/vrrp.js';
import { formatPrefix } from '../../net/prefix.js';

export type Reconciliation = 'unchanged' | 'in_place' | 'restart';

/** What a reload means for a running instance; instances are matched by name. */
export function reconcile(old: VrrpInstance, wanted: VrrpInstance): Reconciliation {
  const identities = [old, wanted].map((instance) =>
    JSON.stringify([
      instance.name,
      instance.interface,
      instance.dpdkInterface,
      instance.virtualRouterId,
      instance.objects.links,
      instance.objects.transmitsOn,
      instance.syncGroup,
      instance.version,
      instance.family,
      instance.sourceAddress,
      instance.receiveBufferBytes,
      instance.authentication.type === 'ah',
      instance.destination.type === 'group' ? instance.destination.group : null,
      isAddressOwner(instance),
    ]),
  );
  if (identities[0] !== identities[1] || movesAddress(old, wanted)) return 'restart';
  return JSON.stringify(ordered(old)) === JSON.stringify(ordered(wanted))
    ? 'unchanged'
    : 'in_place';
}

/**
 * `state MASTER` with a lower priority is a wish only: keepalived starts such an instance as
 * BACKUP.
 */
export function isAddressOwner(instance: VrrpInstance): boolean {
  return instance.priority === 255 && instance.state === 'MASTER';
}

/**
 * Whoever holds the addresses was told their interfaces once; only a new holder learns other ones.
 */
function movesAddress(old: VrrpInstance, wanted: VrrpInstance): boolean {
  const devices = new Map(
    old.virtualAddresses.map(({ prefix, device }) => [formatPrefix(prefix), device]),
  );
  const known = new Set([...devices.values(), old.interface, old.dpdkInterface]);
  return wanted.virtualAddresses.some(
    ({ prefix, device }) =>
      !known.has(device) || (devices.get(formatPrefix(prefix)) ?? device) !== device,
  );
}

/**
 * Two records are the same whatever the order in which their fields were written, and whoever else
 * is told of changes.
 */
function ordered({ notification: _, ...instance }: VrrpInstance): unknown {
  return Object.entries(instance).sort(([left], [right]) => (left < right ? -1 : 1));
}
