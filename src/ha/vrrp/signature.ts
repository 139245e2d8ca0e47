// The signature behind an advert (keepalived's auth_hmac): 28 octets with the number of a key, a
// sequence number made of the time, and HMAC-SHA256 cut to 128 bits over who says it and what. The
// checksum, which is made later, and the destination are left out: all copies of an advert have one
// signature.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKey } from '../../config/vrrp-signing.js';
import { type AddressFamily, familyOf, type IpAddress } from '../../net/address.js';
import { ByteReader, ByteWriter } from '../../net/bytes.js';

export const signatureBytes = 28;
const digestBytes = 16;
const typeSha256 = 1;
const addressBytesMax = 16;
const checksumAt = 6;
const checksumBytes = 2;
const familyNumbers: Readonly<Record<AddressFamily, number>> = { ipv4: 4, ipv6: 6 };

/** Whose advert it is. */
export type Signer = {
  readonly version: number;
  readonly virtualRouterId: number;
  readonly source: IpAddress;
};

export type Signature = {
  /** What it should be, and its reserved octets are zero. */
  readonly isWellFormed: boolean;
  readonly keyId: number;
  readonly sequence: bigint;
  readonly digest: Uint8Array;
};

/** The message is as it leaves, but for its checksum. `sequence`: 64 bits. */
export function signatureOf(
  message: Uint8Array,
  signer: Signer,
  key: SigningKey,
  sequence: bigint,
): Uint8Array {
  const start = startOf(key.id, sequence);
  return new ByteWriter()
    .bytes(start)
    .bytes(digestOf(message, start, signer, key))
    .finish();
}

export function readSignature(bytes: Uint8Array): Signature {
  const reader = new ByteReader(bytes);
  const type = reader.u8();
  const keyId = reader.u8();
  const reserved = reader.u16();
  const sequence = (BigInt(reader.u32()) << 32n) | BigInt(reader.u32());
  const digest = reader.bytes(digestBytes);
  const isWellFormed = type === typeSha256 && reserved === 0 && !reader.overran;
  return { isWellFormed, keyId, sequence, digest };
}

export function isSigned(
  message: Uint8Array,
  { keyId, sequence, digest }: Signature,
  signer: Signer,
  key: SigningKey,
): boolean {
  const expected = digestOf(message, startOf(keyId, sequence), signer, key);
  return digest.length === expected.length && timingSafeEqual(digest, expected);
}

function startOf(keyId: number, sequence: bigint): Uint8Array {
  return new ByteWriter()
    .u8(typeSha256)
    .u8(keyId)
    .u16(0)
    .u32(Number(sequence >> 32n))
    .u32(Number(sequence & 0xffffffffn))
    .finish();
}

function digestOf(
  message: Uint8Array,
  start: Uint8Array,
  signer: Signer,
  { digits }: SigningKey,
): Uint8Array {
  return createHmac('sha256', Buffer.from(digits, 'hex'))
    .update(identity(signer))
    .update(message.subarray(0, checksumAt))
    .update(new Uint8Array(checksumBytes))
    .update(message.subarray(checksumAt + checksumBytes))
    .update(start)
    .update(new Uint8Array(digestBytes))
    .digest()
    .subarray(0, digestBytes);
}

/** So that no signature is good for another router, or as another sender's. */
function identity({ version, virtualRouterId, source }: Signer): Uint8Array {
  const written = new ByteWriter()
    .u8(familyNumbers[familyOf(source)])
    .u8(version)
    .u8(virtualRouterId)
    .u8(0)
    .address(source)
    .finish();
  const padded = new Uint8Array(4 + addressBytesMax);
  padded.set(written);
  return padded;
}
