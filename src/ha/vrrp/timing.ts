// How long VRRPv2 waits (RFC 3768 section 6.2), and how long an address may outlive its last
// advert.
import type { VrrpInstance } from '../../config/vrrp.js';

/** (256 - priority) / 256 seconds in VRRPv2, whatever the interval. */
export function skewMs({ priority }: Pick<VrrpInstance, 'priority'>): number {
  return ((256 - priority) * 1000) / 256;
}

export function masterDownIntervalMs(
  instance: Pick<VrrpInstance, 'priority' | 'advertIntervalMs'>,
): number {
  return 3 * instance.advertIntervalMs + skewMs(instance);
}

/**
 * How long addresses outlive the last advert. A backup waits three intervals from *hearing* it plus
 * its skew, and the shortest skews (4 ms for priority 255, 8 ms for 254) are too short to count on.
 * So: three intervals, less a margin for what delays the renewal itself after the advert has left:
 * the way to the data plane, its pauses, and clocks that do not run at the same rate.
 */
export function leaseDurationMs(instance: Pick<VrrpInstance, 'advertIntervalMs'>): number {
  return 3 * instance.advertIntervalMs - marginMs(instance);
}

/** The lateness that leases and timers forgive. */
export function marginMs({ advertIntervalMs }: Pick<VrrpInstance, 'advertIntervalMs'>): number {
  return Math.min(100, advertIntervalMs / 10);
}
