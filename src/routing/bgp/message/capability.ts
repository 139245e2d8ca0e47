// Capabilities of an OPEN (RFC 5492): code, length, value. What we do not know is kept as it came.
import { ByteReader, ByteWriter } from '../../../net/bytes.js';
import { familyCode, familyFromCodes, safiUnicast } from './family-code.js';
import type { Capability } from './message.js';
import { readableText, textOctets } from './readable-text.js';

const codes = {
  multiprotocol: 1,
  route_refresh: 2,
  extended_next_hop: 5,
  extended_message: 6,
  graceful_restart: 64,
  four_octet_as: 65,
  enhanced_route_refresh: 70,
  fqdn: 73,
} as const;

/** Flags of graceful restart, above a time of 12 bits (RFC 4724 section 3, RFC 8538 section 2). */
const restarting = 0x8000;
const knowsNotification = 0x4000;
const restartSMax = 0xfff;
const forwarding = 0x80;
const nameOctetsMax = 64;
const noOctets = new Uint8Array(0);

export function encodeCapability(capability: Capability): Uint8Array {
  const value = encodeValue(capability);
  if (value.length > 0xff) throw new Error('assertion: a capability of more than 255 octets');
  const code = capability.type === 'unknown' ? capability.code : codes[capability.type];
  return new ByteWriter().u8(code).u8(value.length).bytes(value).finish();
}

function encodeValue(capability: Capability): Uint8Array {
  const writer = new ByteWriter();
  switch (capability.type) {
    case 'multiprotocol':
      return writer.u16(familyCode(capability.family).afi).u16(safiUnicast).finish();
    case 'route_refresh':
    case 'enhanced_route_refresh':
    case 'extended_message':
      return noOctets;
    case 'extended_next_hop':
      return writer
        .u16(familyCode('ipv4').afi)
        .u16(safiUnicast)
        .u16(familyCode('ipv6').afi)
        .finish();
    case 'graceful_restart':
      return gracefulRestartValue(capability);
    case 'four_octet_as':
      return writer.u32(capability.as).finish();
    case 'fqdn': {
      const host = textOctets(capability.host, nameOctetsMax);
      const domain = textOctets(capability.domain, nameOctetsMax);
      return writer.u8(host.length).bytes(host).u8(domain.length).bytes(domain).finish();
    }
    case 'unknown':
      return capability.value;
  }
}

function gracefulRestartValue(
  capability: Extract<Capability, { readonly type: 'graceful_restart' }>,
): Uint8Array {
  const { isRestarting, hasNotification, restartS, families } = capability;
  const flags = (isRestarting ? restarting : 0) | (hasNotification ? knowsNotification : 0);
  const writer = new ByteWriter().u16(flags | Math.min(restartS, restartSMax));
  for (const { family, isForwarding } of families) {
    const { afi, safi } = familyCode(family);
    writer
      .u16(afi)
      .u8(safi)
      .u8(isForwarding ? forwarding : 0);
  }
  return writer.finish();
}

/** null: one that we know, of which the value cannot be (RFC 4271 section 6.2: 2/0). */
export function decodeCapability(code: number, value: Uint8Array): Capability | null {
  const unknown = (): Capability => ({ type: 'unknown', code, value: value.slice() });
  const reader = new ByteReader(value);
  switch (code) {
    case codes.multiprotocol: {
      if (value.length !== 4) return null;
      // The octet between is reserved and ignored (RFC 4760 section 8).
      const family = familyFromCodes(reader.u16(), reader.u16() & 0xff);
      return family === null ? unknown() : { type: 'multiprotocol', family };
    }
    case codes.route_refresh:
      return value.length === 0 ? { type: 'route_refresh' } : null;
    case codes.enhanced_route_refresh:
      return value.length === 0 ? { type: 'enhanced_route_refresh' } : null;
    case codes.extended_message:
      return value.length === 0 ? { type: 'extended_message' } : null;
    case codes.extended_next_hop: {
      if (value.length % 6 !== 0) return null;
      return offersIpv6NextHops(reader) ? { type: 'extended_next_hop' } : unknown();
    }
    case codes.graceful_restart:
      return decodeGracefulRestart(reader);
    case codes.four_octet_as:
      return value.length === 4 ? { type: 'four_octet_as', as: reader.u32() } : null;
    case codes.fqdn:
      // A name decides nothing: one that is malformed is no reason to have no session.
      return decodeNames(reader) ?? unknown();
    default:
      return unknown();
  }
}

/** Of IPv4 unicast; other families may be in the list (RFC 8950 section 4). */
function offersIpv6NextHops(reader: ByteReader): boolean {
  let isOffered = false;
  while (reader.remaining > 0) {
    const family = familyFromCodes(reader.u16(), reader.u16());
    if (reader.u16() === familyCode('ipv6').afi && family === 'ipv4') isOffered = true;
  }
  return isOffered;
}

function decodeGracefulRestart(reader: ByteReader): Capability | null {
  if (reader.remaining < 2 || (reader.remaining - 2) % 4 !== 0) return null;
  const flags = reader.u16();
  const families: { family: 'ipv4' | 'ipv6'; isForwarding: boolean }[] = [];
  while (reader.remaining > 0) {
    const family = familyFromCodes(reader.u16(), reader.u8());
    const isForwarding = (reader.u8() & forwarding) !== 0;
    // RFC 4724 section 3: of one that is named twice the last counts; we have two.
    const index = families.findIndex((one) => one.family === family);
    if (index >= 0) families.splice(index, 1);
    if (family !== null) families.push({ family, isForwarding });
  }
  return {
    type: 'graceful_restart',
    isRestarting: (flags & restarting) !== 0,
    hasNotification: (flags & knowsNotification) !== 0,
    restartS: flags & restartSMax,
    families,
  };
}

function decodeNames(reader: ByteReader): Capability | null {
  const host = reader.bytes(reader.u8());
  const domain = reader.bytes(reader.u8());
  if (reader.overran) return null;
  return { type: 'fqdn', host: readableText(host), domain: readableText(domain) };
}
