// Path attributes by number: RFC 4271, 1997, 4360, 4760, 6793, 8092.

export const attributeCodes = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPreference: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReach: 14,
  mpUnreach: 15,
  extendedCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  largeCommunities: 32,
} as const;

/** Flags (RFC 4271 section 4.3). */
export const optional = 0x80;
export const transitive = 0x40;
export const partial = 0x20;
/** The length has two octets. */
export const extended = 0x10;
/** A segment of an AS_PATH in order. */
export const asSequence = 2;
