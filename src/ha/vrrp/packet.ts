// VRRP advertisements: VRRPv2 (RFC 3768 section 5) and VRRPv3 (RFC 5798, RFC 9568 section 5) over
// IPv4 and IPv6, from values to bytes and back. Here is what the bytes say; whether it counts is
// receipt.ts.
import type { VrrpAuthentication, VrrpVersion } from '../../config/vrrp.js';
import {
  type AddressFamily,
  addressBytes,
  addressFromBytes,
  familyOf,
  type IpAddress,
  ipAddress,
} from '../../net/address.js';
import { ByteReader, ByteWriter } from '../../net/bytes.js';
import { internetChecksum } from '../../net/checksum.js';
import { passwordBytes, passwordOctets } from './password.js';
import { typeAdvertisement } from './refusal.js';

export const vrrpProtocol = 112;
export const vrrpGroup = ipAddress('224.0.0.18');
export const headerBytes = 8;
/** The count of addresses is one octet; and an Ethernet frame carries 90 of IPv6. */
export const advertisedAddressesMax: Readonly<Record<AddressFamily, number>> = {
  ipv4: 255,
  ipv6: 90,
};
const noSignature = new Uint8Array(0);
const authenticationTypes = { none: 0, pass: 1, ah: 2 } as const;

/**
 * What the checksum covers beside the message: `rfc`: in VRRPv3 and IPv6 the pseudo-header, in
 * VRRPv2 nothing; `none`: nothing, also in VRRPv3 over IPv4 (v3_checksum_as_v2); `group`: VRRPv3 by
 * unicast, as if it went to the multicast group (old_unicast_checksum, keepalived 1.x).
 */
export type ChecksumForm = 'rfc' | 'none' | 'group';

export type Advertisement = {
  readonly version: VrrpVersion;
  readonly source: IpAddress;
  /** 1..255 */
  readonly virtualRouterId: number;
  /** 0 (the master stops) .. 255 (the addresses' owner) */
  readonly priority: number;
  /** VRRPv2: 1000..255000, whole seconds; VRRPv3: 10..40950 in steps of 10. */
  readonly advertIntervalMs: number;
  readonly authentication: VrrpAuthentication;
  /** Of one family, at most `advertisedAddressesMax`. */
  readonly addresses: readonly IpAddress[];
};

/** The fields of a message, right or wrong. */
export type Fields = {
  readonly version: number;
  readonly packetType: number;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly addressCount: number;
  /** VRRPv2. */
  readonly authenticationType: number;
  readonly advertIntervalMs: number;
  readonly addresses: readonly IpAddress[];
  /** VRRPv2; empty when it is not there. */
  readonly password: Uint8Array;
};

/**
 * The message, without IP header and authentication header. `signature` goes behind it; over IPv6,
 * where kernels make the checksum, it covers that, too.
 */
export function encodeAdvertisement(
  advertisement: Advertisement,
  destination: IpAddress,
  form: ChecksumForm,
  signature: Uint8Array = noSignature,
): Uint8Array {
  const bytes = withoutChecksum(advertisement);
  const { version, source } = advertisement;
  const covered = familyOf(source) === 'ipv6' ? signature : noSignature;
  const lengthBytes = bytes.length + covered.length;
  const pseudo = pseudoHeader(version, source, destination, lengthBytes, form);
  const message = written(advertisement, internetChecksum(pseudo, bytes, covered));
  if (signature.length === 0) return message;
  return new ByteWriter().bytes(message).bytes(signature).finish();
}

/** What a signature is made of. */
export function withoutChecksum(advertisement: Advertisement): Uint8Array {
  if (advertisement.addresses.length > advertisedAddressesMax.ipv4) {
    throw new Error('assertion: too many addresses');
  }
  return written(advertisement, 0);
}

function written(advertisement: Advertisement, checksum: number): Uint8Array {
  const { version, authentication, advertIntervalMs } = advertisement;
  const writer = new ByteWriter()
    .u8((version << 4) | typeAdvertisement)
    .u8(advertisement.virtualRouterId)
    .u8(advertisement.priority)
    .u8(advertisement.addresses.length);
  if (version === 2) {
    writer.u8(authenticationTypes[authentication.type]).u8(advertIntervalMs / 1000);
  } else {
    writer.u16(Math.round(advertIntervalMs / 10));
  }
  writer.u16(checksum);
  for (const address of advertisement.addresses) writer.address(address);
  // Present in every VRRPv2 packet, zero without a password.
  if (version === 2) writer.bytes(passwordOctets(authentication));
  return writer.finish();
}

/** null when not even the fixed header is there. */
export function fieldsOf(message: Uint8Array, family: AddressFamily): Fields | null {
  if (message.length < headerBytes) return null;
  const reader = new ByteReader(message);
  const versionAndType = reader.u8();
  const version = versionAndType >> 4;
  const virtualRouterId = reader.u8();
  const priority = reader.u8();
  const addressCount = reader.u8();
  const upper = reader.u8();
  const lower = reader.u8();
  reader.u16();
  const octets = family === 'ipv4' ? 4 : 16;
  const present = Math.min(addressCount, Math.floor((message.length - headerBytes) / octets));
  return {
    version,
    packetType: versionAndType & 0x0f,
    virtualRouterId,
    priority,
    addressCount,
    authenticationType: upper,
    advertIntervalMs: version === 2 ? lower * 1000 : (((upper & 0x0f) << 8) | lower) * 10,
    addresses: Array.from({ length: present }, () => addressFromBytes(reader.bytes(octets))),
    password: version === 2 ? reader.bytes(passwordBytes) : new Uint8Array(0),
  };
}

/** Of a message with so many addresses. */
export function messageBytes(
  version: VrrpVersion,
  family: AddressFamily,
  addressCount: number,
): number {
  const addresses = addressCount * (family === 'ipv4' ? 4 : 16);
  return headerBytes + addresses + (version === 2 ? passwordBytes : 0);
}

export function isChecksumRight(
  message: Uint8Array,
  version: VrrpVersion,
  [source, destination]: readonly [IpAddress, IpAddress],
  form: ChecksumForm,
): boolean {
  const pseudo = pseudoHeader(version, source, destination, message.length, form);
  return internetChecksum(pseudo, message) === 0;
}

/** null: this one is not sent with VRRPv2's authentication types. */
export function authenticationTypeOf(type: number): VrrpAuthentication['type'] | null {
  if (type === authenticationTypes.none) return 'none';
  if (type === authenticationTypes.pass) return 'pass';
  return type === authenticationTypes.ah ? 'ah' : null;
}

/** RFC 8200 section 8.1; VRRPv3 has the like over IPv4 (RFC 5798 section 5.2.8). */
function pseudoHeader(
  version: VrrpVersion,
  source: IpAddress,
  destination: IpAddress,
  lengthBytes: number,
  form: ChecksumForm,
): Uint8Array {
  const from = addressBytes(source);
  if (from.length === 16) {
    return new ByteWriter()
      .bytes(from)
      .address(destination)
      .u32(lengthBytes)
      .u32(vrrpProtocol)
      .finish();
  }
  if (version === 2 || form === 'none') return new Uint8Array(0);
  const to = form === 'group' ? vrrpGroup : destination;
  return new ByteWriter().bytes(from).address(to).u16(vrrpProtocol).u16(lengthBytes).finish();
}
