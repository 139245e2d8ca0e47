// The path attributes that we send (RFC 4271 section 4.3), as RFC 7606 section 5.1 wants them:
// MP_REACH_NLRI first, the others in ascending order, no length longer than it must be.
import { addressBytes, familyOf } from '../../../net/address.js';
import { ByteWriter } from '../../../net/bytes.js';
import { asSequence, attributeCodes, extended, optional, transitive } from './attribute-codes.js';
import type { SentAttributes } from './message.js';
import { asTrans } from './open.js';

const originIgp = 0;
const segmentAsMax = 255;

/** Without MP_REACH_NLRI; NEXT_HOP is in it only for an IPv4 one. */
export function encodeAttributes(
  attributes: SentAttributes,
  {
    hasFourOctetAs,
    hasNextHop,
  }: { readonly hasFourOctetAs: boolean; readonly hasNextHop: boolean },
): Uint8Array {
  const { asPath, med, localPreference } = attributes;
  const writer = new ByteWriter();
  attribute(writer, transitive, attributeCodes.origin, Uint8Array.of(originIgp));
  attribute(writer, transitive, attributeCodes.asPath, encodeAsPath(asPath, hasFourOctetAs));
  if (hasNextHop) {
    attribute(writer, transitive, attributeCodes.nextHop, addressBytes(attributes.nextHop));
  }
  if (med !== null) attribute(writer, optional, attributeCodes.med, u32s([med]));
  if (localPreference !== null) {
    attribute(writer, transitive, attributeCodes.localPreference, u32s([localPreference]));
  }
  const both = optional | transitive;
  unlessEmpty(writer, attributeCodes.communities, u32s(attributes.communities));
  const extendedOnes = new ByteWriter();
  for (const octets of attributes.extendedCommunities) extendedOnes.bytes(octets);
  unlessEmpty(writer, attributeCodes.extendedCommunities, extendedOnes.finish());
  // RFC 6793 section 4.2.2: only when two octets do not say it all.
  if (!hasFourOctetAs && asPath.some((as) => as > 0xffff)) {
    attribute(writer, both, attributeCodes.as4Path, encodeAsPath(asPath, true));
  }
  unlessEmpty(writer, attributeCodes.largeCommunities, u32s(attributes.largeCommunities.flat()));
  return writer.finish();
}

/** The next hop of MP_REACH_NLRI: a global one, and a link-local one beside it (RFC 2545, 8950). */
export function encodeNextHop(attributes: SentAttributes): Uint8Array {
  const { nextHop, linkLocalNextHop } = attributes;
  const writer = new ByteWriter().address(nextHop);
  if (linkLocalNextHop !== null && familyOf(nextHop) === 'ipv6') writer.address(linkLocalNextHop);
  return writer.finish();
}

/** Flags, type, length, value. */
export function attribute(
  writer: ByteWriter,
  flags: number,
  code: number,
  value: Uint8Array,
): void {
  if (value.length > 0xff)
    writer
      .u8(flags | extended)
      .u8(code)
      .u16(value.length);
  else writer.u8(flags).u8(code).u8(value.length);
  writer.bytes(value);
}

function unlessEmpty(writer: ByteWriter, code: number, value: Uint8Array): void {
  if (value.length > 0) attribute(writer, optional | transitive, code, value);
}

function encodeAsPath(asPath: readonly number[], hasFourOctets: boolean): Uint8Array {
  const writer = new ByteWriter();
  for (let first = 0; first < asPath.length; first += segmentAsMax) {
    const segment = asPath.slice(first, first + segmentAsMax);
    writer.u8(asSequence).u8(segment.length);
    for (const as of segment) {
      if (hasFourOctets) writer.u32(as);
      else writer.u16(as > 0xffff ? asTrans : as);
    }
  }
  return writer.finish();
}

function u32s(values: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  for (const value of values) writer.u32(value);
  return writer.finish();
}
