// The rtnetlink messages that we use (netlink(7), rtnetlink(7), linux/rtnetlink.h): bytes to values
// and back, in the machine's byte order. Pure: no socket, no sequence of its own.
import { err, ok, type Result } from 'neverthrow';
import { addressBytes, addressFromBytes, familyOf } from '../net/address.js';
import { macFromBytes } from '../net/mac.js';
import { hostLength } from '../net/prefix.js';
import type { KernelAddress, Link } from '../ports/kernel.js';

export type NetlinkError = { readonly type: 'netlink.malformed'; readonly what: string };

/** One message without its header's length and port. */
export type NetlinkMessage = {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
};

/** What the kernel says to a request; errorNumber 0 is yes. */
export type Acknowledgement = {
  readonly errorNumber: number;
  /** The kernel's own sentence (extended acknowledgement), when it has one. */
  readonly text: string | null;
};

export const messageTypes = {
  error: 2,
  done: 3,
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
} as const;

export const messageFlags = {
  request: 0x1,
  acknowledge: 0x4,
  /** The dump changed while it was read: what was read may be inconsistent. */
  interrupted: 0x10,
  /** NLM_F_ROOT | NLM_F_MATCH. */
  dump: 0x300,
  /** The same bits mean other things in requests that make something. */
  replace: 0x100,
  create: 0x400,
  /** In an acknowledgement: the request is not repeated, and attributes follow. */
  capped: 0x100,
  attributes: 0x200,
} as const;

const headerBytes = 16;
const linkHeaderBytes = 16;
const addressHeaderBytes = 8;
const familyNumbers = { ipv4: 2, ipv6: 10 } as const;
const linkAttributes = { address: 1, name: 3, mtu: 4 } as const;
const addressAttributes = { address: 1, local: 2, cacheInfo: 6 } as const;
const acknowledgementText = 1;
const attributeTypeMask = 0x3fff;
const flagUp = 0x1;
const flagRunning = 0x40;
const flagNoDuplicateDetection = 0x02;
const foreverSeconds = 0xffffffff;
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function describeNetlinkError(error: NetlinkError): string {
  return `the kernel's answer has a malformed ${error.what}`;
}

export function encodeMessage(message: NetlinkMessage): Uint8Array {
  const bytes = new Uint8Array(headerBytes + message.payload.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, isLittleEndian);
  view.setUint16(4, message.type, isLittleEndian);
  view.setUint16(6, message.flags, isLittleEndian);
  view.setUint32(8, message.sequence, isLittleEndian);
  bytes.set(message.payload, headerBytes);
  return bytes;
}

/** All messages of one datagram. */
export function decodeMessages(bytes: Uint8Array): Result<readonly NetlinkMessage[], NetlinkError> {
  const messages: NetlinkMessage[] = [];
  const view = viewOf(bytes);
  for (let offset = 0; offset < bytes.length; ) {
    const left = bytes.length - offset;
    const length = left < headerBytes ? 0 : view.getUint32(offset, isLittleEndian);
    if (length < headerBytes || length > left) return malformed('message header');
    messages.push({
      type: view.getUint16(offset + 4, isLittleEndian),
      flags: view.getUint16(offset + 6, isLittleEndian),
      sequence: view.getUint32(offset + 8, isLittleEndian),
      payload: bytes.subarray(offset + headerBytes, offset + length),
    });
    offset += aligned(length);
  }
  return ok(messages);
}

/** The payload of a request for all links: an empty ifinfomsg. */
export function encodeLinkDump(): Uint8Array {
  return new Uint8Array(linkHeaderBytes);
}

/** The payload of a request for all addresses: an empty ifaddrmsg. */
export function encodeAddressDump(): Uint8Array {
  return new Uint8Array(addressHeaderBytes);
}

/**
 * The payload of RTM_NEWADDR; `validSeconds` null: for ever. No broadcast address, global scope.
 */
export function encodeAddressPut(address: KernelAddress, validSeconds: number | null): Uint8Array {
  // A virtual address must answer at once; two owners at a time are the protocol's business.
  const flags = familyOf(address.prefix.address) === 'ipv6' ? flagNoDuplicateDetection : 0;
  return concatenated([
    ...addressParts(address, flags),
    attribute(addressAttributes.cacheInfo, lifetimes(validSeconds ?? foreverSeconds)),
  ]);
}

/** The payload of RTM_DELADDR. */
export function encodeAddressDelete(address: KernelAddress): Uint8Array {
  return concatenated(addressParts(address, 0));
}

/** The payload of RTM_NEWLINK and RTM_DELLINK; null: a bridge's view of its port, not a link. */
export function decodeLink(payload: Uint8Array): Result<Link | null, NetlinkError> {
  if (payload.length < linkHeaderBytes) return malformed('link');
  if (payload[0] !== 0) return ok(null);
  const attributes = decodeAttributes(payload.subarray(linkHeaderBytes));
  if (attributes.isErr()) return err(attributes.error);
  const view = viewOf(payload);
  const name = attributes.value.get(linkAttributes.name);
  const mtu = attributes.value.get(linkAttributes.mtu);
  const hardware = attributes.value.get(linkAttributes.address);
  if (name === undefined || mtu?.length !== 4) return malformed('link');
  const flags = view.getUint32(8, isLittleEndian);
  return ok({
    index: view.getInt32(4, isLittleEndian),
    name: textOf(name),
    // Tunnels have other or no hardware addresses.
    mac: macFromBytes(hardware?.length === 6 ? hardware : new Uint8Array(6)),
    mtuBytes: viewOf(mtu).getUint32(0, isLittleEndian),
    isUp: (flags & flagUp) !== 0 && (flags & flagRunning) !== 0,
  });
}

/** The payload of RTM_NEWADDR and RTM_DELADDR; null: neither IPv4 nor IPv6. */
export function decodeAddress(payload: Uint8Array): Result<KernelAddress | null, NetlinkError> {
  if (payload.length < addressHeaderBytes) return malformed('address');
  const [family, length = 0] = payload;
  if (family !== familyNumbers.ipv4 && family !== familyNumbers.ipv6) return ok(null);
  const attributes = decodeAttributes(payload.subarray(addressHeaderBytes));
  if (attributes.isErr()) return err(attributes.error);
  const { local, address } = addressAttributes;
  // On a point-to-point link IFA_ADDRESS is the other end.
  const bytes = attributes.value.get(local) ?? attributes.value.get(address);
  if (bytes?.length !== (family === familyNumbers.ipv4 ? 4 : 16)) return malformed('address');
  const ipAddress = addressFromBytes(bytes);
  if (length > hostLength(ipAddress)) return malformed('address');
  const linkIndex = viewOf(payload).getUint32(4, isLittleEndian);
  return ok({ linkIndex, prefix: { address: ipAddress, length } });
}

/** An NLMSG_ERROR, or the NLMSG_DONE that ends a dump. */
export function decodeAcknowledgement(
  message: NetlinkMessage,
): Result<Acknowledgement, NetlinkError> {
  const { payload, flags, type } = message;
  if (payload.length < 4) return malformed('acknowledgement');
  const view = viewOf(payload);
  const errorNumber = -view.getInt32(0, isLittleEndian);
  if ((flags & messageFlags.attributes) === 0) return ok({ errorNumber, text: null });
  let start = 4;
  if (type === messageTypes.error) {
    if (payload.length < 4 + headerBytes) return malformed('acknowledgement');
    const isCapped = (flags & messageFlags.capped) !== 0;
    start += isCapped ? headerBytes : aligned(view.getUint32(4, isLittleEndian));
  }
  const attributes = decodeAttributes(payload.subarray(start));
  if (attributes.isErr()) return err(attributes.error);
  const text = attributes.value.get(acknowledgementText);
  return ok({ errorNumber, text: text === undefined ? null : textOf(text) });
}

/** By type; the last of several wins. */
function decodeAttributes(
  bytes: Uint8Array,
): Result<ReadonlyMap<number, Uint8Array>, NetlinkError> {
  const attributes = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let offset = 0; offset < bytes.length; ) {
    const left = bytes.length - offset;
    const length = left < 4 ? 0 : view.getUint16(offset, isLittleEndian);
    if (length < 4 || length > left) return malformed('attribute');
    const type = view.getUint16(offset + 2, isLittleEndian) & attributeTypeMask;
    attributes.set(type, bytes.subarray(offset + 4, offset + length));
    offset += aligned(length);
  }
  return ok(attributes);
}

/** struct ifaddrmsg and the address, which stands for both ends. */
function addressParts({ linkIndex, prefix }: KernelAddress, flags: number): Uint8Array[] {
  const header = new Uint8Array(addressHeaderBytes);
  header.set([familyNumbers[familyOf(prefix.address)], prefix.length, flags]);
  viewOf(header).setUint32(4, linkIndex, isLittleEndian);
  const address = addressBytes(prefix.address);
  const { local, address: otherEnd } = addressAttributes;
  return [header, attribute(local, address), attribute(otherEnd, address)];
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(aligned(4 + value.length));
  const view = viewOf(bytes);
  view.setUint16(0, 4 + value.length, isLittleEndian);
  view.setUint16(2, type, isLittleEndian);
  bytes.set(value, 4);
  return bytes;
}

/** struct ifa_cacheinfo: preferred and valid lifetime, then two timestamps that the kernel sets. */
function lifetimes(validSeconds: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = viewOf(bytes);
  view.setUint32(0, validSeconds, isLittleEndian);
  view.setUint32(4, validSeconds, isLittleEndian);
  return bytes;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Without the terminating zero. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

function malformed(what: string): Result<never, NetlinkError> {
  return err({ type: 'netlink.malformed', what });
}
