// UPDATE (RFC 4271 section 4.3, RFC 4760) as we send it: as many prefixes in a message as fit, so
// many messages as are needed, each made when it is asked for.
import { type AddressFamily, addressBytes, familyOf } from '../../../net/address.js';
import { ByteWriter } from '../../../net/bytes.js';
import type { Prefix } from '../../../net/prefix.js';
import { attributeCodes, extended, optional } from './attribute-codes.js';
import { encodeAttributes, encodeNextHop } from './attributes.js';
import { familyCode } from './family-code.js';
import { framed, headerOctets } from './header.js';
import type { SentAttributes, SentUpdate } from './message.js';
import type { SessionTerms } from './session-terms.js';

export type UpdateTerms = Pick<
  SessionTerms,
  'hasFourOctetAs' | 'hasExtendedNextHop' | 'messageOctetsMax'
>;

/** The header, the length of withdrawn routes and that of attributes. */
const emptyOctets = headerOctets + 4;
/** Flags, type, a length of two octets; AFI and SAFI. */
const mpHeadOctets = 4 + 3;
const noOctets = new Uint8Array(0);

/**
 * The messages of `update`; none when it has no prefixes. One whose prefixes do not fill more than
 * `prefixOctetsMax` is one message.
 */
export function* encodeUpdate(
  update: SentUpdate,
  terms: UpdateTerms,
): Generator<Uint8Array, void, void> {
  if (update.type === 'end_of_rib') {
    yield endOfRib(update.family);
    return;
  }
  const form = formOf(update, terms);
  for (const prefixes of packed(update.prefixes, form.roomOctets)) yield form.message(prefixes);
}

/** RFC 4724 section 2. */
function endOfRib(family: AddressFamily): Uint8Array {
  return family === 'ipv4'
    ? assembled(noOctets, noOctets, noOctets)
    : unreachable(family)(noOctets);
}

type Form = {
  readonly roomOctets: number;
  readonly message: (prefixes: Uint8Array) => Uint8Array;
};

function formOf(update: Exclude<SentUpdate, { type: 'end_of_rib' }>, terms: UpdateTerms): Form {
  const { family } = update;
  if (update.type === 'announce') {
    const { attributes } = update;
    const roomOctets = prefixOctetsMax(attributes, family, terms);
    const rest = attributesOf(attributes, family, terms);
    if (isClassic(attributes, family)) {
      return { roomOctets, message: (prefixes) => assembled(noOctets, rest, prefixes) };
    }
    const nextHop = encodeNextHop(attributes);
    return { roomOctets, message: (prefixes) => reachable(family, nextHop, prefixes, rest) };
  }
  const roomOctets = withdrawnOctetsMax(family, terms);
  if (isWithdrawnClassic(family, terms)) {
    return { roomOctets, message: (prefixes) => assembled(prefixes, noOctets, noOctets) };
  }
  return { roomOctets, message: unreachable(family) };
}

/** How many octets of prefixes go into one message beside these attributes; may be negative. */
export function prefixOctetsMax(
  attributes: SentAttributes,
  family: AddressFamily,
  terms: UpdateTerms,
): number {
  const rest = attributesOf(attributes, family, terms).length;
  const room = terms.messageOctetsMax - emptyOctets - rest;
  if (isClassic(attributes, family)) return room;
  // Beside AFI and SAFI: the length of the next hop, and a reserved octet.
  return room - mpHeadOctets - 2 - encodeNextHop(attributes).length;
}

export function withdrawnOctetsMax(family: AddressFamily, terms: UpdateTerms): number {
  const room = terms.messageOctetsMax - emptyOctets;
  return isWithdrawnClassic(family, terms) ? room : room - mpHeadOctets;
}

/** What a prefix takes in a message. */
export function prefixOctets(prefix: Prefix): number {
  return 1 + Math.ceil(prefix.length / 8);
}

/** RFC 8950: IPv4 with an IPv6 next hop is in MP_REACH_NLRI, and has no NEXT_HOP. */
function isClassic(attributes: SentAttributes, family: AddressFamily): boolean {
  return family === 'ipv4' && familyOf(attributes.nextHop) === 'ipv4';
}

function isWithdrawnClassic(family: AddressFamily, terms: UpdateTerms): boolean {
  return family === 'ipv4' && !terms.hasExtendedNextHop;
}

function attributesOf(
  attributes: SentAttributes,
  family: AddressFamily,
  { hasFourOctetAs }: UpdateTerms,
): Uint8Array {
  return encodeAttributes(attributes, {
    hasFourOctetAs,
    hasNextHop: isClassic(attributes, family),
  });
}

/** Prefixes as they are written, cut into parts of at most `roomOctets`. */
function* packed(prefixes: readonly Prefix[], roomOctets: number): Generator<Uint8Array> {
  const octets = new Uint8Array(Math.max(0, roomOctets));
  let used = 0;
  for (const prefix of prefixes) {
    const needed = prefixOctets(prefix);
    if (needed > roomOctets) throw new Error('assertion: attributes leave no room for a prefix');
    if (used + needed > roomOctets) {
      yield octets.subarray(0, used);
      used = 0;
    }
    octets[used] = prefix.length;
    octets.set(prefixBits(prefix).subarray(0, needed - 1), used + 1);
    used += needed;
  }
  if (used > 0) yield octets.subarray(0, used);
}

/** Bits behind the length are zero, as routers like to compare (RFC 4271 lets them be anything). */
function prefixBits({ address, length }: Prefix): Uint8Array {
  const bytes = addressBytes(address);
  const last = length >> 3;
  const bits = length & 7;
  if (bits !== 0) bytes[last] = (bytes[last] ?? 0) & (0xff << (8 - bits));
  return bytes;
}

function assembled(
  withdrawn: Uint8Array,
  attributes: Uint8Array,
  announced: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter().u16(withdrawn.length).bytes(withdrawn);
  writer.u16(attributes.length).bytes(attributes).bytes(announced);
  return framed('update', writer.finish());
}

function reachable(
  family: AddressFamily,
  nextHop: Uint8Array,
  prefixes: Uint8Array,
  rest: Uint8Array,
): Uint8Array {
  const octets = 3 + 1 + nextHop.length + 1 + prefixes.length;
  const writer = mpHead(attributeCodes.mpReach, octets, family);
  writer.u8(nextHop.length).bytes(nextHop).u8(0).bytes(prefixes).bytes(rest);
  return assembled(noOctets, writer.finish(), noOctets);
}

function unreachable(family: AddressFamily): (prefixes: Uint8Array) => Uint8Array {
  return (prefixes) => {
    const writer = mpHead(attributeCodes.mpUnreach, 3 + prefixes.length, family);
    return assembled(noOctets, writer.bytes(prefixes).finish(), noOctets);
  };
}

/** Up to the SAFI; `octets` with AFI and SAFI. */
function mpHead(code: number, octets: number, family: AddressFamily): ByteWriter {
  const { afi, safi } = familyCode(family);
  const writer = new ByteWriter();
  if (octets > 0xff)
    writer
      .u8(optional | extended)
      .u8(code)
      .u16(octets);
  else writer.u8(optional).u8(code).u8(octets);
  return writer.u16(afi).u8(safi);
}
