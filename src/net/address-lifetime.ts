// The valid lifetime that stands for a lease in the kernel, which counts in whole seconds.

/**
 * The kernel looks for addresses whose lifetime has ended at most once a second, and the lifetimes
 * of others decide when: an address may stay for nearly a second more than it was given, which is
 * taken off the lease first. (The rest of that second is in the backup's skew and in our margin.)
 */
const kernelLateMs = 800;
/**
 * Up to this, three adverts that are 0.7 s apart, one second is enough until the next advert. With
 * less than a second between them it would not be for longer ones.
 */
const oneSecondLeaseMsMax = 2_030;

/**
 * At least a second. Leases that leave no room for the kernel's second are rounded down as far as
 * adverts in time allow.
 */
export function lifetimeSeconds(leaseMs: number): number {
  if (leaseMs <= oneSecondLeaseMsMax) return 1;
  return Math.max(2, Math.floor((leaseMs - kernelLateMs) / 1_000));
}
