// Communities from the words of the configuration to what is sent: RFC 1997, 4360, 5668, 8092 and
// draft-ietf-idr-link-bandwidth. Sorted and without duplicates, so that their order in the file
// changes nothing.
import { err, ok, type Result } from 'neverthrow';
import type { RouteAttributes } from '../../config/bgp.js';
import { ByteWriter } from '../../net/bytes.js';
import { wellKnownCommunities } from '../../net/well-known-communities.js';

export type CommunityError = {
  readonly type: 'bgp.community';
  readonly text: string;
  readonly reason: string;
};
export type LargeCommunity = readonly [number, number, number];

/** RFC 8326. */
export const gracefulShutdown = 0xffff_0000;
const names = new Map([...wellKnownCommunities].map(([name, value]) => [value, name]));
const extendedTypes = { rt: 0x02, soo: 0x03 } as const;
const asTrans = 23_456;
const uint16Max = 0xffff;
const uint32Max = 0xffff_ffff;

type Words = Pick<RouteAttributes, 'communities' | 'extendedCommunities' | 'largeCommunities'>;
export type Communities = {
  readonly communities: readonly number[];
  readonly extendedCommunities: readonly Uint8Array[];
  readonly largeCommunities: readonly LargeCommunity[];
};

export function describeCommunityError({ text, reason }: CommunityError): string {
  return `the community "${text}" cannot be sent: ${reason}`;
}

export function communitiesOf(words: Words): Result<Communities, CommunityError> {
  const standard = each(words.communities, communityNumber);
  if (standard.isErr()) return err(standard.error);
  const extended = each(words.extendedCommunities, extendedCommunityOctets);
  if (extended.isErr()) return err(extended.error);
  const large = each(words.largeCommunities, largeCommunityNumbers);
  if (large.isErr()) return err(large.error);
  return ok({
    communities: distinct(standard.value, String, (left, right) => left - right),
    extendedCommunities: distinct(extended.value, String, compareInOrder),
    largeCommunities: distinct(large.value, String, compareInOrder),
  });
}

function each<T>(
  texts: readonly string[],
  read: (text: string) => Result<T, CommunityError>,
): Result<T[], CommunityError> {
  const values: T[] = [];
  for (const text of texts) {
    const value = read(text);
    if (value.isErr()) return err(value.error);
    values.push(value.value);
  }
  return ok(values);
}

/** "65001:100", or a name. */
export function communityNumber(text: string): Result<number, CommunityError> {
  const known = wellKnownCommunities.get(text);
  if (known !== undefined) return ok(known);
  const parts = numbersIn(text, 2, uint16Max);
  if (parts === null) return refused(text, 'it is no pair of numbers up to 65535');
  const [high = 0, low = 0] = parts;
  return ok(high * 0x1_0000 + low);
}

/** As an operator writes it. */
export function communityText(value: number): string {
  return names.get(value) ?? `${value >>> 16}:${value & 0xffff}`;
}

/** "65001:1:100". */
export function largeCommunityNumbers(text: string): Result<LargeCommunity, CommunityError> {
  const parts = numbersIn(text, 3, uint32Max);
  if (parts === null) return refused(text, 'it is not three numbers up to 4294967295');
  const [administrator = 0, first = 0, second = 0] = parts;
  return ok([administrator, first, second]);
}

/** "rt:AS:NUMBER", "soo:AS:NUMBER", "bandwidth:AS:OCTETS-PER-SECOND". */
export function extendedCommunityOctets(text: string): Result<Uint8Array, CommunityError> {
  const [type, ...rest] = text.split(':');
  const parts = numbersIn(rest.join(':'), 2, uint32Max);
  if (parts === null) return refused(text, 'an AS and a number follow its type');
  const [as = 0, value = 0] = parts;
  if (type === 'rt') return asSpecific(text, extendedTypes.rt, as, value);
  if (type === 'soo') return asSpecific(text, extendedTypes.soo, as, value);
  if (type === 'bandwidth') return ok(linkBandwidth(as, value));
  return refused(text, 'its type is none of rt, soo and bandwidth');
}

/** Of those that extendedCommunityOctets makes, as an operator writes them; others in octets. */
export function extendedCommunityText(octets: Uint8Array): string {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const [type, subtype] = octets;
  if (type === 0x40 && subtype === 0x04) {
    return `bandwidth:${view.getUint16(2)}:${view.getFloat32(4)}`;
  }
  const name = Object.entries(extendedTypes).find(([, code]) => code === subtype)?.[0];
  if (name !== undefined && type === 0) return `${name}:${view.getUint16(2)}:${view.getUint32(4)}`;
  if (name !== undefined && type === 2) return `${name}:${view.getUint32(2)}:${view.getUint16(6)}`;
  return `0x${Buffer.from(octets).toString('hex')}`;
}

/** Of an AS of two octets (RFC 4360 section 3.1), of four (RFC 5668): 8 octets in all. */
function asSpecific(
  text: string,
  subtype: number,
  as: number,
  value: number,
): Result<Uint8Array, CommunityError> {
  const writer = new ByteWriter();
  if (as <= uint16Max) return ok(writer.u8(0).u8(subtype).u16(as).u32(value).finish());
  if (value > uint16Max) {
    return refused(text, 'behind an AS above 65535 the number is at most 65535');
  }
  return ok(writer.u8(2).u8(subtype).u32(as).u16(value).finish());
}

/** Not transitive; an IEEE float of 32 bits; there is no form for greater AS numbers. */
function linkBandwidth(as: number, octetsPerSecond: number): Uint8Array {
  const float = new DataView(new ArrayBuffer(4));
  float.setFloat32(0, octetsPerSecond);
  const short = as > uint16Max ? asTrans : as;
  return new ByteWriter().u8(0x40).u8(0x04).u16(short).u32(float.getUint32(0)).finish();
}

function refused(text: string, reason: string): Result<never, CommunityError> {
  return err({ type: 'bgp.community', text, reason });
}

function numbersIn(text: string, count: number, max: number): number[] | null {
  const parts = text.split(':');
  if (parts.length !== count || !parts.every((part) => /^[0-9]{1,10}$/.test(part))) return null;
  const values = parts.map(Number);
  return values.every((value) => value <= max) ? values : null;
}

function distinct<T>(
  values: readonly T[],
  key: (value: T) => string,
  compare: (left: T, right: T) => number,
): T[] {
  return [...new Map(values.map((value) => [key(value), value])).values()].sort(compare);
}

/** Of the same length. */
function compareInOrder(left: Iterable<number>, right: ArrayLike<number>): number {
  let index = 0;
  for (const value of left) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
    index += 1;
  }
  return 0;
}
