// Counters by the object that they belong to, and counts as ipvsadm writes them.
import type { IpAddress } from '../net/address.js';
import type {
  LocalAddressCounters,
  ServerCounters,
  ServiceCounters,
  Statistics,
} from './dataplane.js';
import { serviceIdentity } from './difference.js';
import { serverIdentity } from './plan.js';

export type PortUse = Pick<LocalAddressCounters, 'used' | 'free' | 'missed'>;

/** By `serviceIdentity`. */
export function countersByService(statistics: Statistics): ReadonlyMap<string, ServiceCounters> {
  return new Map(statistics.services.map((one) => [serviceIdentity(one.service), one]));
}

/** By `serverIdentity`. */
export function countersByServer(statistics: Statistics): ReadonlyMap<string, ServerCounters> {
  return new Map(statistics.servers.map((one) => [serverIdentity(one), one]));
}

/** Source ports of each local address, summed over the ports of the data plane that carry it. */
export function portUseByAddress(statistics: Statistics): ReadonlyMap<IpAddress, PortUse> {
  const uses = new Map<IpAddress, PortUse>();
  for (const { address, used, free, missed } of statistics.localAddresses) {
    const sum = uses.get(address) ?? { used: 0, free: 0, missed: 0 };
    uses.set(address, {
      used: sum.used + used,
      free: sum.free + free,
      missed: sum.missed + missed,
    });
  }
  return uses;
}

/** From 100 million on: thousands, millions, billions or trillions, cut off and not rounded. */
export function shortCount(count: number): string {
  if (count < 1e8) return `${count}`;
  if (count < 1e9) return `${Math.floor(count / 1e3)}K`;
  if (count < 1e11) return `${Math.floor(count / 1e6)}M`;
  if (count < 1e14) return `${Math.floor(count / 1e9)}G`;
  return `${Math.floor(count / 1e12)}T`;
}

/** One right-aligned column of `ipvsadm --stats`, its separating space included. */
export function countColumn(count: number, isExact: boolean): string {
  if (!isExact) return shortCount(count).padStart(9);
  const digits = `${count}`;
  return digits.length <= 8 ? digits.padStart(9) : ` ${digits}`;
}
