// The IP authentication header (RFC 2402) around VRRPv2 with HMAC-MD5-96 (RFC 2403), as keepalived
// has it over IPv4: the security parameters index is the source address, the sequence number goes
// on from the one heard of another master.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { err, ok, type Result } from 'neverthrow';
import { addressBytes } from '../../net/address.js';
import { ByteReader, ByteWriter } from '../../net/bytes.js';
import type { Datagram, Departure } from '../../ports/packets.js';
import { vrrpProtocol } from './packet.js';
import { octetsOf } from './password.js';
import type { VrrpPacketError } from './refusal.js';

export const authenticationProtocol = 51;
export const authenticationHeaderBytes = 24;
const ipv4HeaderBytes = 20;
const digestBytes = 12;
/** The header's length in words of 4 octets, less 2 (RFC 2402 section 2.2). */
const lengthField = authenticationHeaderBytes / 4 - 2;

export type Authenticated = { readonly message: Uint8Array; readonly sequence: number };

type Carrier = Pick<Departure, 'source' | 'destination' | 'hops' | 'identification'>;

/** The message behind its header. sequence: 0..2^32 - 1. */
export function authenticate(
  message: Uint8Array,
  sequence: number,
  password: string,
  carrier: Carrier,
): Uint8Array {
  const start = new ByteWriter()
    .u8(vrrpProtocol)
    .u8(lengthField)
    .u16(0)
    .address(carrier.source)
    .u32(sequence)
    .finish();
  const digest = digestOf(start, message, password, carrier);
  return new ByteWriter().bytes(start).bytes(digest).bytes(message).finish();
}

/** The message in a datagram of protocol 51; `last`: the highest sequence number of late. */
export function verify(
  datagram: Datagram,
  password: string,
  last: number,
): Result<Authenticated, VrrpPacketError> {
  const { payload } = datagram;
  const reader = new ByteReader(payload);
  const nextHeader = reader.u8();
  const length = reader.u8();
  reader.u16();
  const index = reader.bytes(4);
  const sequence = reader.u32();
  const digest = reader.bytes(digestBytes);
  if (reader.overran) return refused(`${payload.length} bytes are no authentication header`);
  if (nextHeader !== vrrpProtocol) return refused(`next header ${nextHeader} is not VRRP`);
  if (length !== lengthField) return refused(`a length of ${length} is not that of MD5`);
  if (!equal(index, addressBytes(datagram.source))) {
    return refused('the security parameters index is not the source address');
  }
  const message = payload.subarray(authenticationHeaderBytes);
  const start = payload.subarray(0, authenticationHeaderBytes - digestBytes);
  if (!equal(digest, digestOf(start, message, password, datagram))) {
    return refused('the digest is wrong: another password, or a changed packet');
  }
  if (!isAfter(sequence, last)) return err({ type: 'vrrp.sequence', sequence, last });
  return ok({ message, sequence });
}

/** Of numbers that wrap at 2^32. */
function isAfter(sequence: number, last: number): boolean {
  const ahead = (sequence - last) >>> 0;
  return ahead > 0 && ahead < 0x80000000;
}

/** Over the IPv4 header without what routers change, the header with a digest of zeros, and all. */
function digestOf(
  start: Uint8Array,
  message: Uint8Array,
  password: string,
  { source, destination, hops, identification }: Carrier,
): Uint8Array {
  const ip = new ByteWriter()
    .u16(0x4500)
    .u16(ipv4HeaderBytes + authenticationHeaderBytes + message.length)
    .u16(identification)
    .u16(0)
    .u8(hops)
    .u8(authenticationProtocol)
    .u16(0)
    .address(source)
    .address(destination)
    .finish();
  return createHmac('md5', octetsOf(password))
    .update(ip)
    .update(start)
    .update(new Uint8Array(digestBytes))
    .update(message)
    .digest()
    .subarray(0, digestBytes);
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

function refused(what: string): Result<never, VrrpPacketError> {
  return err({ type: 'vrrp.authentication_header', what });
}
