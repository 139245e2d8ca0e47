// What an address in its state wants of routing protocols. Draining is told in every way there is:
// GRACEFUL_SHUTDOWN (RFC 8326) for routers that act on it, the worst MED or metric for the others.
import type { Prefix } from '../../net/prefix.js';
import type { AnnouncedPrefix } from '../announced-prefix.js';
import type { AnnouncedRoute } from '../announced-route.js';
import type {
  AnnouncedAddress,
  BgpTarget,
  KernelAddress,
  OspfTarget,
} from './announced-address.js';
import { type AddressState, isAnnouncedIn } from './machine.js';

export type AnnouncedState = Extract<AddressState, 'healthy' | 'degraded' | 'draining'>;

/** Of several addresses in one network the best one speaks for it. */
export const rankOf: Readonly<Record<AnnouncedState, number>> = {
  healthy: 0,
  degraded: 1,
  draining: 2,
};

/** 2^32 - 2: the greatest is taken for "none" by some routers. */
export const medMax = 4_294_967_294;
/** Of stub links less than LSInfinity of RFC 6987; of others than that of RFC 2328. */
export const metricMax = { stub: 65_534, '1': 16_777_213, '2': 16_777_213 } as const;

export function announcedState(state: AddressState): AnnouncedState | null {
  return isAnnouncedIn(state) ? (state as AnnouncedState) : null;
}

export function bgpRoute(
  prefix: Prefix,
  { attributes, degradedMed }: BgpTarget,
  state: AnnouncedState,
): AnnouncedRoute {
  const isShuttingDown = state === 'draining';
  const med = isShuttingDown ? medMax : state === 'degraded' ? degradedMed : null;
  return { prefix, attributes: med === null ? attributes : { ...attributes, med }, isShuttingDown };
}

export function ospfPrefix(
  prefix: Prefix,
  { metric, degradedMetric, metricType, tag }: OspfTarget,
  state: AnnouncedState,
): AnnouncedPrefix {
  const metrics = { healthy: metric, degraded: degradedMetric, draining: metricMax[metricType] };
  return { prefix, metric: metrics[state], metricType, tag };
}

export function kernelAddress(
  { kernel }: AnnouncedAddress,
  state: AddressState,
): KernelAddress | null {
  return isAnnouncedIn(state) ? kernel : null;
}
