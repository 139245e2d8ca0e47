// A prefix with those inside it whose length is within bounds: what lists of allowed prefixes are
// made of.
import { hostLength, type Prefix, prefixContains } from './prefix.js';

export type PrefixRange = {
  readonly prefix: Prefix;
  readonly lengthMin: number;
  readonly lengthMax: number;
};

export function isInRange({ prefix, lengthMin, lengthMax }: PrefixRange, one: Prefix): boolean {
  if (one.length < lengthMin || one.length > lengthMax) return false;
  return one.length >= prefix.length && prefixContains(prefix, one.address);
}

export function isInRanges(ranges: readonly PrefixRange[], one: Prefix): boolean {
  return ranges.some((range) => isInRange(range, one));
}

/** As routers read prefix lists: `ge` alone reaches to single hosts, neither is the prefix. */
export function rangeOf(prefix: Prefix, ge: number | null, le: number | null): PrefixRange {
  const lengthMax = le ?? (ge === null ? prefix.length : hostLength(prefix.address));
  return { prefix, lengthMin: ge ?? prefix.length, lengthMax };
}
