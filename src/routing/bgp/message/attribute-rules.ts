// What RFC 7606 section 7 finds wrong with an attribute: its flags, its length, its value. Only
// for complaints: we use no attribute of anybody.
import { attributeCodes as codes, optional, transitive } from './attribute-codes.js';

type Rule = {
  readonly flags: number;
  /** null: any length. */
  readonly length: ((octets: number) => boolean) | null;
};

const wellKnown = transitive;
const both = optional | transitive;
const exactly = (wanted: number) => (octets: number) => octets === wanted;
const multipleOf = (part: number) => (octets: number) => octets > 0 && octets % part === 0;

const rules: Readonly<Partial<Record<number, Rule>>> = {
  [codes.origin]: { flags: wellKnown, length: exactly(1) },
  [codes.asPath]: { flags: wellKnown, length: null },
  [codes.nextHop]: { flags: wellKnown, length: exactly(4) },
  [codes.med]: { flags: optional, length: exactly(4) },
  [codes.localPreference]: { flags: wellKnown, length: exactly(4) },
  [codes.atomicAggregate]: { flags: wellKnown, length: exactly(0) },
  [codes.aggregator]: { flags: both, length: (octets) => octets === 6 || octets === 8 },
  [codes.communities]: { flags: both, length: multipleOf(4) },
  [codes.originatorId]: { flags: optional, length: exactly(4) },
  [codes.clusterList]: { flags: optional, length: multipleOf(4) },
  [codes.mpReach]: { flags: optional, length: null },
  [codes.mpUnreach]: { flags: optional, length: null },
  [codes.extendedCommunities]: { flags: both, length: multipleOf(8) },
  [codes.as4Path]: { flags: both, length: null },
  [codes.as4Aggregator]: { flags: both, length: exactly(8) },
  [codes.largeCommunities]: { flags: both, length: multipleOf(12) },
};
const originMax = 2;
const segmentTypeMax = 4;

/** null: nothing is wrong, or it is one that we do not know. */
export function attributeComplaint(
  flags: number,
  code: number,
  value: Uint8Array,
  hasFourOctetAs: boolean,
): string | null {
  const rule = rules[code];
  if (rule === undefined) {
    return (flags & optional) === 0 ? `attribute ${code} is well-known, but not to us` : null;
  }
  if ((flags & both) !== rule.flags) return `attribute ${code} has the flags ${flags}`;
  if (rule.length?.(value.length) === false) {
    return `attribute ${code} has ${value.length} octets`;
  }
  if (code === codes.origin && (value[0] ?? 0) > originMax) return `ORIGIN is ${value[0]}`;
  if (code === codes.asPath && !isAsPath(value, hasFourOctetAs ? 4 : 2)) return 'AS_PATH is broken';
  if (code === codes.as4Path && !isAsPath(value, 4)) return 'AS4_PATH is broken';
  return null;
}

/** Segments of a type, a count and so many AS numbers (RFC 4271 section 4.3, RFC 5065). */
function isAsPath(value: Uint8Array, asOctets: number): boolean {
  let offset = 0;
  while (offset < value.length) {
    const type = value[offset] ?? 0;
    const count = value[offset + 1] ?? 0;
    if (type === 0 || type > segmentTypeMax || count === 0) return false;
    offset += 2 + count * asOctets;
  }
  return offset === value.length;
}
