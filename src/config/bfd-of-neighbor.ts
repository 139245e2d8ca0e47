// The BFD session of a BGP neighbour: a bfd_instance's settings, or one of its own.
import type { IpAddress } from '../net/address.js';
import type { BfdSettings } from './bfd.js';
import type { bfdTable } from './bfd-table.js';
import type { Settings } from './settings.js';

/** FRR's. */
const intervalMs = 300;
const multiplier = 3;

const ttlMax = 255;

export type BfdPlace = {
  readonly neighbor: IpAddress;
  readonly source: IpAddress | null;
  readonly interface: string | null;
  readonly isMultihop: boolean;
};

export function ownBfdSettings(place: BfdPlace): BfdSettings {
  return {
    ...place,
    sentHops: ttlMax,
    // RFC 5881 section 5: a neighbour on the link is heard with 255 alone.
    hopsMax: place.isMultihop ? null : 0,
    minRxMs: intervalMs,
    minTxMs: intervalMs,
    idleTxMs: 1000,
    multiplier,
    isPassive: false,
  };
}

/** `place` is the neighbour's: what the bfd_instance does not say comes from there. */
export function namedBfdSettings(
  settings: Settings<typeof bfdTable>,
  place: BfdPlace,
): BfdSettings {
  const isMultihop = settings.value('multihop');
  const hopsMax = settings.value('max_hops');
  return {
    neighbor: settings.value('neighbor_ip') ?? place.neighbor,
    source: settings.value('source_ip') ?? place.source,
    interface: place.interface,
    isMultihop,
    sentHops: settings.value('ttl') ?? (isMultihop ? 64 : ttlMax),
    hopsMax: hopsMax < 0 ? null : hopsMax,
    minRxMs: settings.value('min_rx'),
    minTxMs: settings.value('min_tx'),
    idleTxMs: settings.value('idle_tx'),
    multiplier: settings.value('multiplier'),
    isPassive: settings.value('passive'),
  };
}
