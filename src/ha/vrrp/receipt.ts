// Whether a datagram that arrived is an advertisement for this instance: the checks of RFC 3768
// section 7.1 and RFC 5798 section 7.1 in keepalived's order, which decides what is counted.
import { err, ok, type Result } from 'neverthrow';
import type { VrrpInstance } from '../../config/vrrp.js';
import type { IpAddress } from '../../net/address.js';
import type { Datagram } from '../../ports/packets.js';
import {
  type Authenticated,
  authenticationHeaderBytes,
  authenticationProtocol,
  verify,
} from './authentication-header.js';
import {
  authenticationTypeOf,
  type ChecksumForm,
  type Fields,
  fieldsOf,
  isChecksumRight,
  messageBytes,
  vrrpProtocol,
} from './packet.js';
import { passwordOctets } from './password.js';
import { ttlRequired, typeAdvertisement, type VrrpPacketError } from './refusal.js';
import { signatureBytes } from './signature.js';
import type { Signing } from './signing.js';

export type Expectation = Pick<
  VrrpInstance,
  | 'version'
  | 'family'
  | 'virtualRouterId'
  | 'priority'
  | 'advertIntervalMs'
  | 'authentication'
  | 'signing'
  | 'destination'
  | 'checksum'
  | 'believesPeersOnly'
  | 'ignoresAdvertsAsOwner'
>;

export type Receiver = {
  readonly expected: Expectation;
  readonly sourceAddress: IpAddress;
  /** The last sequence number of authentication headers, ours or heard. */
  readonly sequence: number;
  /** Judges signatures, and remembers them. */
  readonly signing: Pick<Signing, 'refusalOf'>;
};

export type Received = {
  readonly source: IpAddress;
  readonly priority: number;
  readonly advertIntervalMs: number;
  readonly addresses: readonly IpAddress[];
  /** Of an authentication header; null: there is none. */
  readonly sequence: number | null;
  readonly isSigned: boolean;
  /** How its checksum was made. */
  readonly checksum: ChecksumForm;
};

export function receive(datagram: Datagram, receiver: Receiver): Result<Received, VrrpPacketError> {
  const { expected } = receiver;
  const isSealed = expected.authentication.type === 'ah';
  const protocol = isSealed ? authenticationProtocol : vrrpProtocol;
  if (datagram.protocol !== protocol) {
    return err({ type: 'vrrp.protocol', protocol: datagram.protocol, expected: protocol });
  }
  const unwrapped = isSealed
    ? datagram.payload.subarray(authenticationHeaderBytes)
    : datagram.payload;
  const fields = fieldsOf(unwrapped, expected.family);
  if (fields === null) return err(tooShort(datagram, receiver));
  const parts = partsOf(unwrapped, expected, fields);
  const refusal = refusalOf(datagram, parts, fields, receiver);
  if (refusal !== null) return err(refusal);
  const unsealed = unseal(datagram, receiver);
  if (unsealed.isErr()) return err(unsealed.error);
  // As with kernels, which know nothing of signatures.
  const covered = expected.family === 'ipv6' ? unwrapped : parts.message;
  const form = checksumOf(datagram, covered, expected);
  const later = laterRefusal(datagram, fields, expected, form);
  if (later !== null || form === null) return err(later ?? { type: 'vrrp.checksum' });
  return ok({
    source: datagram.source,
    priority: fields.priority,
    advertIntervalMs: fields.advertIntervalMs,
    addresses: fields.addresses,
    sequence: unsealed.value?.sequence ?? null,
    isSigned: parts.signature !== null,
    checksum: form,
  });
}

type Parts = { readonly message: Uint8Array; readonly signature: Uint8Array | null };

/** What is longer by exactly a signature has one: padding is never so long. */
function partsOf(unwrapped: Uint8Array, { signing, family }: Expectation, fields: Fields): Parts {
  const { version, addressCount } = fields;
  if (signing === null || (version !== 2 && version !== 3)) {
    return { message: unwrapped, signature: null };
  }
  const length = messageBytes(version, family, addressCount);
  if (unwrapped.length !== length + signatureBytes) return { message: unwrapped, signature: null };
  return { message: unwrapped.subarray(0, length), signature: unwrapped.subarray(length) };
}

/** Which router, length, hops, version and signature. */
function refusalOf(
  datagram: Datagram,
  parts: Parts,
  fields: Fields,
  receiver: Receiver,
): VrrpPacketError | null {
  const { expected, sourceAddress } = receiver;
  const { virtualRouterId, version } = fields;
  if (virtualRouterId !== expected.virtualRouterId) {
    return { type: 'vrrp.other_router', virtualRouterId };
  }
  if (datagram.source === sourceAddress && expected.destination.type === 'peers') {
    return { type: 'vrrp.self_sent' };
  }
  const expectedBytes = expectedLength(expected, fields);
  const lengthBytes = datagram.payload.length - (parts.signature?.length ?? 0);
  if (lengthBytes !== expectedBytes) return { type: 'vrrp.length', lengthBytes, expectedBytes };
  if (expected.destination.type === 'group' && datagram.hops !== ttlRequired) {
    return { type: 'vrrp.ttl', ttl: datagram.hops };
  }
  if (version !== expected.version) {
    return { type: 'vrrp.version', version, expected: expected.version };
  }
  return (
    signatureRefusal(datagram, parts, receiver) ??
    (expected.version === 2 ? authenticationRefusal(fields, expected) : null)
  );
}

/** Before anything that it says is believed. */
function signatureRefusal(
  { source }: Datagram,
  { message, signature }: Parts,
  { expected, signing }: Receiver,
): VrrpPacketError | null {
  if (expected.signing === null) return null;
  const { destination, version, virtualRouterId } = expected;
  const isUnknown =
    destination.type === 'peers' && !destination.peers.some(({ address }) => address === source);
  if (isUnknown && signature !== null) return { type: 'vrrp.no_peer', source };
  return signing.refusalOf(
    message,
    signature,
    { version, virtualRouterId, source },
    expected.signing,
  );
}

/** Of a packet of that version that says so many addresses; of another version its own length. */
function expectedLength({ version, family, authentication }: Expectation, fields: Fields): number {
  const said = fields.version === 2 || fields.version === 3 ? fields.version : version;
  const header = authentication.type === 'ah' ? authenticationHeaderBytes : 0;
  return header + messageBytes(said, family, fields.addressCount);
}

function authenticationRefusal(
  { authenticationType, password, advertIntervalMs }: Fields,
  expected: Expectation,
): VrrpPacketError | null {
  const type = authenticationTypeOf(authenticationType);
  if (type === null) return { type: 'vrrp.authentication_unknown', authenticationType };
  if (type !== expected.authentication.type) {
    return { type: 'vrrp.authentication_mismatch', authenticationType };
  }
  const octets = passwordOctets(expected.authentication);
  if (type === 'pass' && !octets.every((octet, index) => octet === password[index])) {
    return { type: 'vrrp.password' };
  }
  if (advertIntervalMs === expected.advertIntervalMs) return null;
  const [seconds, own] = [advertIntervalMs / 1000, expected.advertIntervalMs / 1000];
  return { type: 'vrrp.advert_interval', seconds, expected: own };
}

function unseal(
  datagram: Datagram,
  { expected, sequence }: Receiver,
): Result<Authenticated | null, VrrpPacketError> {
  const { authentication } = expected;
  return authentication.type === 'ah'
    ? verify(datagram, authentication.password, sequence)
    : ok(null);
}

/** The form whose checksum is right, of those that are taken; null: none is. */
function checksumOf(
  { source, destination }: Datagram,
  message: Uint8Array,
  { version, checksum, destination: ours }: Expectation,
): ChecksumForm | null {
  // keepalived cannot tell what is right here, and takes everything.
  if (checksum === 'none' && version === 3) return 'none';
  const isUnicast = ours.type === 'peers';
  const forms: readonly ChecksumForm[] =
    checksum === 'group'
      ? ['group']
      : checksum === 'detect' && isUnicast
        ? ['rfc', 'group']
        : ['rfc'];
  const ends = [source, destination] as const;
  return forms.find((form) => isChecksumRight(message, version, ends, form)) ?? null;
}

function laterRefusal(
  datagram: Datagram,
  fields: Fields,
  expected: Expectation,
  form: ChecksumForm | null,
): VrrpPacketError | null {
  const { packetType, priority } = fields;
  const { destination, statedBytes, payload } = datagram;
  if (packetType !== typeAdvertisement) return { type: 'vrrp.packet_type', packetType };
  if (statedBytes !== payload.length) {
    return { type: 'vrrp.ip_length', totalBytes: statedBytes, lengthBytes: payload.length };
  }
  if (form === null) return { type: 'vrrp.checksum' };
  const isMulticast = isGroup(destination);
  if (isMulticast && expected.destination.type === 'peers') {
    return { type: 'vrrp.multicast', destination };
  }
  if (!isMulticast && expected.destination.type === 'group') {
    return { type: 'vrrp.unicast', destination };
  }
  if (expected.ignoresAdvertsAsOwner && expected.priority === 255 && priority !== 0) {
    return { type: 'vrrp.owner_ignored' };
  }
  return peerRefusal(datagram, expected);
}

/** Peers, and how far away they may be, where that is said. */
function peerRefusal(
  { source, hops }: Datagram,
  { destination, believesPeersOnly }: Expectation,
): VrrpPacketError | null {
  if (destination.type !== 'peers' || !believesPeersOnly) return null;
  const peer = destination.peers.find(({ address }) => address === source);
  if (peer === undefined) return { type: 'vrrp.no_peer', source };
  return hops < peer.ttlMin || hops > peer.ttlMax
    ? { type: 'vrrp.peer_ttl', source, ttl: hops }
    : null;
}

function isGroup(address: IpAddress): boolean {
  return address.startsWith('ff') || /^2(2[4-9]|3\d)\./.test(address);
}

function tooShort({ payload }: Datagram, { expected }: Receiver): VrrpPacketError {
  const header = expected.authentication.type === 'ah' ? authenticationHeaderBytes : 0;
  const expectedBytes = header + messageBytes(expected.version, expected.family, 0);
  return { type: 'vrrp.length', lengthBytes: payload.length, expectedBytes };
}
