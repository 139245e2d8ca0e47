// The BFD session of a BGP neighbour: a bfd_instance's settings, or one of its own.
import type { IpAddress } from '../net/address.js';
import type { BfdSettings } from './bfd.js';
import { bfdSettingsOf } from './bfd-instances.js';
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
  const named = bfdSettingsOf(settings);
  if (named === null) return ownBfdSettings(place);
  return { ...named, source: named.source ?? place.source, interface: place.interface };
}
