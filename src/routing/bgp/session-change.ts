// What a reload means for the session with a neighbour: whatever has to do with routes is changed
// in place; what both ends have agreed on, or what the connection is made of, needs a new one.
import type { BgpNeighbor } from '../../config/bgp.js';

/** All but what is read anew whenever it is needed. */
type Fixed = Omit<
  BgpNeighbor,
  | 'description'
  | 'shutdown'
  | 'connectRetryMs'
  | 'bfd'
  | 'prefixesMax'
  | 'prefixesOutMax'
  | 'sendsCommunities'
  | 'attributes'
  | 'allowed'
>;

export type SessionChange = 'none' | 'in_place' | 'reset' | 'shutdown' | 'started';

export function sessionChange(before: BgpNeighbor, after: BgpNeighbor): SessionChange {
  if (after.shutdown !== null) return before.shutdown === null ? 'shutdown' : 'in_place';
  if (before.shutdown !== null) return 'started';
  if (isSame(fixedOf(before), fixedOf(after))) return isSame(before, after) ? 'none' : 'in_place';
  return 'reset';
}

/** Names each field, so that a new one is not forgotten: it does not compile then. */
function fixedOf(neighbor: BgpNeighbor): Fixed {
  return {
    address: neighbor.address,
    remoteAs: neighbor.remoteAs,
    isInternal: neighbor.isInternal,
    password: neighbor.password,
    sentHops: neighbor.sentHops,
    hopsMin: neighbor.hopsMin,
    port: neighbor.port,
    source: neighbor.source,
    interface: neighbor.interface,
    isPassive: neighbor.isPassive,
    keepaliveMs: neighbor.keepaliveMs,
    holdMs: neighbor.holdMs,
    gracefulRestartS: neighbor.gracefulRestartS,
    hasExtendedNextHop: neighbor.hasExtendedNextHop,
    families: neighbor.families,
  };
}

/** Both are plain values with the same order of fields. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
