// How long VRRP waits (RFC 3768 section 6.2, RFC 5798 section 6.1), and how long an address may
// outlive its last advert.
import type { VrrpInstance } from '../../config/vrrp.js';

export type Timing = {
  readonly instance: Pick<VrrpInstance, 'version' | 'missedAdvertsMax'>;
  /** The effective one: 1..255. */
  readonly priority: number;
  /** Time between the adverts of the current master. */
  readonly masterIntervalMs: number;
};

/**
 * VRRPv2: (256 - priority) / 256 seconds, whatever the interval. VRRPv3: that share of an interval.
 */
export function skewMs({ instance, priority, masterIntervalMs }: Timing): number {
  const unitMs = instance.version === 2 ? 1000 : masterIntervalMs;
  return ((256 - priority) * unitMs) / 256;
}

export function masterDownIntervalMs(timing: Timing): number {
  return timing.instance.missedAdvertsMax * timing.masterIntervalMs + skewMs(timing);
}

/**
 * How long after the last advert of ours a router of that priority is MASTER in our place; null: it
 * is not asked (timer_expired_backup).
 */
export function supersededAfterMs(
  instance: Pick<VrrpInstance, 'version' | 'missedAdvertsMax' | 'advertIntervalMs' | 'yieldsTo'>,
): number | null {
  const { advertIntervalMs, yieldsTo } = instance;
  if (yieldsTo === null) return null;
  return masterDownIntervalMs({
    instance,
    priority: yieldsTo,
    masterIntervalMs: advertIntervalMs,
  });
}

type Sender = Pick<VrrpInstance, 'advertIntervalMs' | 'missedAdvertsMax'>;

/**
 * How long addresses outlive the last advert. A backup waits three intervals from *hearing* it plus
 * its skew, and the shortest skews (a 256th of a second or interval) are too short to count on. So:
 * three intervals, less a margin for what delays the renewal itself after the advert has left: the
 * way to the data plane, its pauses, and clocks that do not run at the same rate. What we have for
 * `down_timer_adverts` is taken for what the other routers have.
 */
export function leaseDurationMs(instance: Sender): number {
  return instance.missedAdvertsMax * instance.advertIntervalMs - marginMs(instance);
}

/** The kernel counts lifetimes of addresses in seconds. */
const kernelLeaseMinMs = 1_000;

/** Addresses of a kernel interface cannot be leased for less than a second: they are not at all. */
export function isLeased(
  instance: Sender & Pick<VrrpInstance, 'leases' | 'dpdkInterface'>,
): boolean {
  const isLongEnough = leaseDurationMs(instance) >= kernelLeaseMinMs;
  return instance.leases && (instance.dpdkInterface !== null || isLongEnough);
}

/** The lateness that leases and timers forgive. */
export function marginMs({ advertIntervalMs }: Pick<VrrpInstance, 'advertIntervalMs'>): number {
  return Math.min(100, advertIntervalMs / 10);
}
