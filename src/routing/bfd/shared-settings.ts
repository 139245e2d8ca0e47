// Which wishes for a neighbour are met by one session, and with which timers: a bfd_instance and a
// BGP neighbour may want the same one, and the neighbour knows of only one (RFC 5882 section 2).
import type { BfdSettings } from '../../config/bfd.js';

/** The path is the same, or one of them leaves open where the other is definite. */
export function canShare(left: BfdSettings, right: BfdSettings): boolean {
  return (
    left.neighbor === right.neighbor &&
    left.isMultihop === right.isMultihop &&
    agree(left.source, right.source) &&
    agree(left.interface, right.interface)
  );
}

/** Good enough for both: the shorter times, the stricter limits. */
export function mergedSettings(left: BfdSettings, right: BfdSettings): BfdSettings {
  return {
    neighbor: left.neighbor,
    source: left.source ?? right.source,
    interface: left.interface ?? right.interface,
    isMultihop: left.isMultihop,
    sentHops: Math.max(left.sentHops, right.sentHops),
    hopsMax: fewest(left.hopsMax, right.hopsMax),
    minRxMs: Math.min(left.minRxMs, right.minRxMs),
    minTxMs: Math.min(left.minTxMs, right.minTxMs),
    idleTxMs: Math.min(left.idleTxMs, right.idleTxMs),
    multiplier: Math.min(left.multiplier, right.multiplier),
    isPassive: left.isPassive && right.isPassive,
  };
}

/** The session of the one cannot become that of the other without a new start. */
export function isOtherPath(left: BfdSettings, right: BfdSettings): boolean {
  return (
    left.neighbor !== right.neighbor ||
    left.isMultihop !== right.isMultihop ||
    left.source !== right.source ||
    left.interface !== right.interface ||
    left.sentHops !== right.sentHops ||
    left.isPassive !== right.isPassive
  );
}

export function areSame(left: BfdSettings, right: BfdSettings): boolean {
  return (
    !isOtherPath(left, right) &&
    left.hopsMax === right.hopsMax &&
    left.minRxMs === right.minRxMs &&
    left.minTxMs === right.minTxMs &&
    left.idleTxMs === right.idleTxMs &&
    left.multiplier === right.multiplier
  );
}

function agree(left: string | null, right: string | null): boolean {
  return left === null || right === null || left === right;
}

function fewest(left: number | null, right: number | null): number | null {
  if (left === null) return right;
  return right === null ? left : Math.min(left, right);
}
