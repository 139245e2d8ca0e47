// OPEN (RFC 4271 section 4.2): who we are and what we can do. What must be refused is section 6.2;
// what only the configuration can refuse has its answer here and is asked for by the machine.
import { err, ok, type Result } from 'neverthrow';
import { addressFromBytes } from '../../../net/address.js';
import { ByteReader, ByteWriter } from '../../../net/bytes.js';
import { decodeCapability, encodeCapability } from './capability.js';
import { framed, headerOctets, messageError } from './header.js';
import type { Capability, MessageError, Open } from './message.js';

const version = 4;
const capabilitiesParameter = 2;
/** RFC 9072: a length of two octets follows; also the type that says so. */
const extendedLength = 255;
export const asTrans = 23_456;
const noAddress = '0.0.0.0';
/** Version, AS, hold time and identifier. */
const fixedOctets = 9;

/** Of an AS number, what the two octets of an OPEN say (RFC 6793 section 9). */
export function twoOctetAs(as: number): number {
  return as > 0xffff ? asTrans : as;
}

/** The AS that an OPEN comes from. */
export function asOf(open: Open): number {
  for (const capability of open.capabilities) {
    if (capability.type === 'four_octet_as') return capability.as;
  }
  return open.as;
}

/** Without capabilities there are no optional parameters at all: for neighbours that answer 2/4. */
export function encodeOpen(open: Omit<Open, 'type'>): Uint8Array {
  const writer = new ByteWriter().u8(version).u16(open.as).u16(open.holdS).address(open.identifier);
  const capabilities = new ByteWriter();
  for (const capability of open.capabilities) capabilities.bytes(encodeCapability(capability));
  const value = capabilities.finish();
  if (value.length === 0) return framed('open', writer.u8(0).finish());
  if (value.length + 2 < extendedLength) {
    writer
      .u8(value.length + 2)
      .u8(capabilitiesParameter)
      .u8(value.length);
  } else {
    writer
      .u8(extendedLength)
      .u8(extendedLength)
      .u16(value.length + 3);
    writer.u8(capabilitiesParameter).u16(value.length);
  }
  return framed('open', writer.bytes(value).finish());
}

/** `message` is whole and its header right. */
export function decodeOpen(message: Uint8Array): Result<Open, MessageError> {
  const reader = new ByteReader(message.subarray(headerOctets));
  const theirVersion = reader.u8();
  if (theirVersion !== version) {
    const reason = `BGP version ${theirVersion}`;
    return err(messageError(2, 1, reason, Uint8Array.of(0, version)));
  }
  const as = reader.u16();
  const holdS = reader.u16();
  const identifier = addressFromBytes(reader.bytes(4));
  // RFC 7607.
  if (as === 0) return err(badPeerAs('an OPEN from AS 0'));
  if (holdS === 1 || holdS === 2) return err(unacceptableHoldTime(holdS));
  if (identifier === noAddress) return err(badIdentifier('an OPEN with the identifier 0.0.0.0'));
  const capabilities = decodeParameters(message.subarray(headerOctets + fixedOctets));
  if (capabilities.isErr()) return err(capabilities.error);
  return withRightAs({ type: 'open', as, holdS, identifier, capabilities: capabilities.value });
}

/** RFC 6793: the four octets and the two say the same AS. */
function withRightAs(open: Open): Result<Open, MessageError> {
  const as = asOf(open);
  if (as === 0) return err(badPeerAs('an OPEN from AS 0 in four octets'));
  if (open.as === as || open.as === asTrans) return ok(open);
  return err(badPeerAs(`an OPEN from AS ${open.as} that is AS ${as} in four octets`));
}

function decodeParameters(bytes: Uint8Array): Result<Capability[], MessageError> {
  // RFC 9072 section 2: the type says it, whatever the short length says, unless that is 0.
  const isExtended = bytes[0] !== 0 && bytes[1] === extendedLength;
  const reader = new ByteReader(bytes.subarray(isExtended ? 2 : 0));
  const octets = isExtended ? reader.u16() : reader.u8();
  if (reader.overran || reader.remaining !== octets) {
    return err(malformed(`optional parameters of ${octets} octets, ${reader.remaining} are there`));
  }
  const capabilities: Capability[] = [];
  while (reader.remaining > 0) {
    const type = reader.u8();
    const value = reader.bytes(isExtended ? reader.u16() : reader.u8());
    if (reader.overran) return err(malformed('an optional parameter that is longer than all'));
    if (type !== capabilitiesParameter) {
      return err(messageError(2, 4, `the optional parameter ${type}`));
    }
    const complaint = addCapabilities(new ByteReader(value), capabilities);
    if (complaint !== null) return err(malformed(complaint));
  }
  return ok(capabilities);
}

/** What is wrong, or null. */
function addCapabilities(reader: ByteReader, capabilities: Capability[]): string | null {
  while (reader.remaining > 0) {
    const code = reader.u8();
    const value = reader.bytes(reader.u8());
    if (reader.overran) return `the capability ${code}, which is longer than its parameter`;
    const capability = decodeCapability(code, value);
    if (capability === null) return `the capability ${code} with ${value.length} octets`;
    capabilities.push(capability);
  }
  return null;
}

/** RFC 4271 section 6.2: a parameter that we know and that cannot be. */
function malformed(reason: string): MessageError {
  return messageError(2, 0, reason);
}

export function badPeerAs(reason: string): MessageError {
  return messageError(2, 2, reason);
}

export function badIdentifier(reason: string): MessageError {
  return messageError(2, 3, reason);
}

export function unacceptableHoldTime(holdS: number): MessageError {
  return messageError(2, 6, `a hold time of ${holdS} s`);
}

/** RFC 5492 section 5: the answer names what is missing. */
export function unsupportedCapability(missing: readonly Capability[]): MessageError {
  const octets = new ByteWriter();
  for (const capability of missing) octets.bytes(encodeCapability(capability));
  const names = missing.map(({ type }) => type).join(', ');
  return messageError(2, 7, `an OPEN without ${names}`, octets.finish());
}
