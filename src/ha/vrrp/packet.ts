// VRRPv2 advertisements (RFC 3768 section 5) together with the IPv4 header that carries them: bytes
// to values and back, and the checks on receipt in keepalived's order. No VRRPv3, no AH, no
// unicast.
import { err, ok, type Result } from 'neverthrow';
import type { VrrpAuthentication } from '../../config/vrrp.js';
import { type IpAddress, ipAddress } from '../../net/address.js';
import { ByteReader, ByteWriter } from '../../net/bytes.js';
import { internetChecksum } from '../../net/checksum.js';

export const vrrpProtocol = 112;
export const vrrpGroup = ipAddress('224.0.0.18');
/** The count of addresses is one octet. */
export const advertisedAddressesMax = 255;

export type Advertisement = {
  readonly source: IpAddress;
  /** 1..255 */
  readonly virtualRouterId: number;
  /** 0 (the master stops) .. 255 (the addresses' owner) */
  readonly priority: number;
  /** 1000..255000, whole seconds */
  readonly advertIntervalMs: number;
  readonly authentication: VrrpAuthentication;
  /** IPv4, at most `advertisedAddressesMax`. */
  readonly addresses: readonly IpAddress[];
};

/** What an instance demands of the advertisements that it accepts. */
export type Expectation = Pick<
  Advertisement,
  'virtualRouterId' | 'advertIntervalMs' | 'authentication'
>;

export type VrrpPacketError =
  /** For another virtual router on the same segment: not wrong, only not ours. */
  | { readonly type: 'vrrp.other_router'; readonly virtualRouterId: number }
  | { readonly type: 'vrrp.protocol'; readonly protocol: number }
  | { readonly type: 'vrrp.length'; readonly lengthBytes: number; readonly expectedBytes: number }
  | { readonly type: 'vrrp.ttl'; readonly ttl: number }
  | { readonly type: 'vrrp.version'; readonly version: number }
  | { readonly type: 'vrrp.authentication_unknown'; readonly authenticationType: number }
  | { readonly type: 'vrrp.authentication_mismatch'; readonly authenticationType: number }
  | { readonly type: 'vrrp.password' }
  | { readonly type: 'vrrp.advert_interval'; readonly seconds: number; readonly expected: number }
  | { readonly type: 'vrrp.packet_type'; readonly packetType: number }
  | { readonly type: 'vrrp.ip_length'; readonly totalBytes: number; readonly lengthBytes: number }
  | { readonly type: 'vrrp.checksum' }
  | { readonly type: 'vrrp.unicast'; readonly destination: IpAddress };

const version = 2;
const typeAdvertisement = 1;
const ipv4HeaderBytes = 20;
const headerBytes = 8;
/** Present in every VRRPv2 packet, zero without a password. */
const passwordBytes = 8;
const ttlRequired = 255;
const tosInternetworkControl = 0xc0;
const authenticationTypes = { none: 0, pass: 1, ah: 2 } as const;

/** The whole IPv4 datagram; `identification` is the IPv4 header's, 0..65535. */
export function encodeAdvertisement(
  advertisement: Advertisement,
  identification: number,
): Uint8Array {
  const { addresses, authentication } = advertisement;
  if (addresses.length > advertisedAddressesMax) throw new Error('assertion: too many addresses');
  const body = (checksum: number): Uint8Array => {
    const writer = new ByteWriter()
      .u8((version << 4) | typeAdvertisement)
      .u8(advertisement.virtualRouterId)
      .u8(advertisement.priority)
      .u8(addresses.length)
      .u8(authenticationTypes[authentication.type])
      .u8(advertisement.advertIntervalMs / 1000)
      .u16(checksum);
    for (const address of addresses) writer.address(address);
    return writer.bytes(passwordOctets(authentication)).finish();
  };
  const payload = body(internetChecksum(body(0)));
  const header = (checksum: number): Uint8Array =>
    new ByteWriter()
      .u8(0x45)
      .u8(tosInternetworkControl)
      .u16(ipv4HeaderBytes + payload.length)
      .u16(identification)
      .u16(0)
      .u8(ttlRequired)
      .u8(vrrpProtocol)
      .u16(checksum)
      .address(advertisement.source)
      .address(vrrpGroup)
      .finish();
  const ipv4Header = header(internetChecksum(header(0)));
  return new ByteWriter().bytes(ipv4Header).bytes(payload).finish();
}

/**
 * `datagram` is a whole IPv4 datagram of whatever arrived; the first check that fails is the error.
 */
export function decodeAdvertisement(
  datagram: Uint8Array,
  expected: Expectation,
): Result<Advertisement, VrrpPacketError> {
  const packet = fieldsOf(datagram);
  if (packet === null) return err(tooShort(datagram));
  const refusal = refusalOf(packet, expected);
  if (refusal !== null) return err(refusal);
  return ok({
    source: packet.source,
    virtualRouterId: packet.virtualRouterId,
    priority: packet.priority,
    advertIntervalMs: packet.intervalSeconds * 1000,
    authentication: expected.authentication,
    addresses: packet.addresses,
  });
}

export function describeVrrpPacketError(error: VrrpPacketError): string {
  switch (error.type) {
    case 'vrrp.other_router':
      return `advertisement for virtual router ${error.virtualRouterId}`;
    case 'vrrp.protocol':
      return `expected IP protocol ${vrrpProtocol} but received ${error.protocol}`;
    case 'vrrp.length':
      return `bad packet length ${error.lengthBytes} and expect ${error.expectedBytes}`;
    case 'vrrp.ttl':
      return `invalid ttl. ${error.ttl} and expect ${ttlRequired}`;
    case 'vrrp.version':
      return `invalid version. ${error.version} and expect ${version}`;
    case 'vrrp.authentication_unknown':
      return `unknown authentication type ${error.authenticationType}`;
    case 'vrrp.authentication_mismatch':
      return `received authentication type ${error.authenticationType}, which is not ours`;
    case 'vrrp.password':
      return 'received an invalid passwd!';
    case 'vrrp.advert_interval':
      return (
        `advertisement interval mismatch mine=${error.expected} sec ` + `rcv'd=${error.seconds} sec`
      );
    case 'vrrp.packet_type':
      return `invalid packet type. ${error.packetType} and expect ${typeAdvertisement}`;
    case 'vrrp.ip_length':
      return `IP total length ${error.totalBytes} but received ${error.lengthBytes} bytes`;
    case 'vrrp.checksum':
      return 'invalid checksum';
    case 'vrrp.unicast':
      return `received unicast advertisement to ${error.destination} on a multicast instance`;
  }
}

type Fields = {
  readonly lengthBytes: number;
  readonly expectedBytes: number;
  readonly totalBytes: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly version: number;
  readonly packetType: number;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly authenticationType: number;
  readonly intervalSeconds: number;
  readonly addresses: readonly IpAddress[];
  readonly password: Uint8Array;
  readonly isChecksumRight: boolean;
};

/** null when not even both fixed headers are there. */
function fieldsOf(datagram: Uint8Array): Fields | null {
  const ip = new ByteReader(datagram);
  const versionAndLength = ip.u8();
  const payloadOffset = (versionAndLength & 0x0f) * 4;
  if (versionAndLength >> 4 !== 4 || payloadOffset < ipv4HeaderBytes) return null;
  if (datagram.length < payloadOffset + headerBytes) return null;
  ip.u8();
  const totalBytes = ip.u16();
  ip.u32();
  const ttl = ip.u8();
  const protocol = ip.u8();
  ip.u16();
  const source = ip.ipv4();
  const destination = ip.ipv4();
  const payload = datagram.subarray(payloadOffset);
  const reader = new ByteReader(payload);
  const versionAndType = reader.u8();
  const virtualRouterId = reader.u8();
  const priority = reader.u8();
  const addressCount = reader.u8();
  const authenticationType = reader.u8();
  const intervalSeconds = reader.u8();
  reader.u16();
  return {
    lengthBytes: datagram.length,
    expectedBytes: payloadOffset + headerBytes + addressCount * 4 + passwordBytes,
    totalBytes,
    ttl,
    protocol,
    source,
    destination,
    version: versionAndType >> 4,
    packetType: versionAndType & 0x0f,
    virtualRouterId,
    priority,
    authenticationType,
    intervalSeconds,
    addresses: Array.from({ length: addressCount }, () => reader.ipv4()),
    password: reader.bytes(passwordBytes),
    isChecksumRight: internetChecksum(payload) === 0,
  };
}

/** RFC 3768 section 7.1; the order decides which of several errors is counted. */
function refusalOf(packet: Fields, expected: Expectation): VrrpPacketError | null {
  const { lengthBytes, expectedBytes, totalBytes, ttl, protocol, packetType } = packet;
  if (protocol !== vrrpProtocol) return { type: 'vrrp.protocol', protocol };
  if (packet.virtualRouterId !== expected.virtualRouterId) {
    return { type: 'vrrp.other_router', virtualRouterId: packet.virtualRouterId };
  }
  if (lengthBytes !== expectedBytes) return { type: 'vrrp.length', lengthBytes, expectedBytes };
  if (ttl !== ttlRequired) return { type: 'vrrp.ttl', ttl };
  if (packet.version !== version) return { type: 'vrrp.version', version: packet.version };
  const authentication = authenticationRefusal(packet, expected.authentication);
  if (authentication !== null) return authentication;
  const seconds = packet.intervalSeconds;
  const expectedSeconds = expected.advertIntervalMs / 1000;
  if (seconds !== expectedSeconds) {
    return { type: 'vrrp.advert_interval', seconds, expected: expectedSeconds };
  }
  if (packetType !== typeAdvertisement) return { type: 'vrrp.packet_type', packetType };
  if (totalBytes !== lengthBytes) return { type: 'vrrp.ip_length', totalBytes, lengthBytes };
  if (!packet.isChecksumRight) return { type: 'vrrp.checksum' };
  if (packet.destination !== vrrpGroup) {
    return { type: 'vrrp.unicast', destination: packet.destination };
  }
  return null;
}

function authenticationRefusal(
  { authenticationType, password }: Fields,
  expected: VrrpAuthentication,
): VrrpPacketError | null {
  if (!Object.values<number>(authenticationTypes).includes(authenticationType)) {
    return { type: 'vrrp.authentication_unknown', authenticationType };
  }
  if (authenticationType !== authenticationTypes[expected.type]) {
    return { type: 'vrrp.authentication_mismatch', authenticationType };
  }
  if (expected.type === 'none') return null;
  const octets = passwordOctets(expected);
  return octets.every((octet, index) => octet === password[index])
    ? null
    : { type: 'vrrp.password' };
}

function tooShort(datagram: Uint8Array): VrrpPacketError {
  const expectedBytes = ipv4HeaderBytes + headerBytes + passwordBytes;
  return { type: 'vrrp.length', lengthBytes: datagram.length, expectedBytes };
}

/** The password in UTF-8, as it stands in the configuration file, filled with zeros. */
function passwordOctets(authentication: VrrpAuthentication): Uint8Array {
  const octets = new Uint8Array(passwordBytes);
  if (authentication.type === 'none') return octets;
  const escaped = encodeURIComponent(authentication.password);
  const units = escaped.match(/%[0-9A-F]{2}|./g) ?? [];
  const codes = units.map((unit) =>
    unit.length === 3 ? Number.parseInt(unit.slice(1), 16) : unit.charCodeAt(0),
  );
  octets.set(codes.slice(0, passwordBytes));
  return octets;
}
