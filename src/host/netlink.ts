// The rtnetlink messages that we use (netlink(7), rtnetlink(7), linux/rtnetlink.h): bytes to values
// and back, in the machine's byte order. Pure: no socket, no sequence of its own.
import { err, ok, type Result } from 'neverthrow';
import { addressBytes, addressFromBytes, familyOf } from '../net/address.js';
import { macFromBytes } from '../net/mac.js';
import { hostLength } from '../net/prefix.js';
import type { AddressAttributes, KernelAddress, Link } from '../ports/kernel.js';
import {
  aligned,
  attribute,
  concatenated,
  decodeAttributes,
  familyNumbers,
  isLittleEndian,
  malformed,
  type NetlinkError,
  textAttribute,
  textOf,
  u32Attribute,
  viewOf,
} from './netlink-attributes.js';

export type { NetlinkError } from './netlink-attributes.js';

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
  newRoute: 24,
  deleteRoute: 25,
  newRule: 32,
  deleteRule: 33,
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
  exclusive: 0x200,
  create: 0x400,
  /** In an acknowledgement: the request is not repeated, and attributes follow. */
  capped: 0x100,
  attributes: 0x200,
} as const;

const headerBytes = 16;
const linkHeaderBytes = 16;
const addressHeaderBytes = 8;
const linkAttributes = { address: 1, name: 3, mtu: 4 } as const;
const addressAttributes = {
  address: 1,
  local: 2,
  label: 3,
  broadcast: 4,
  cacheInfo: 6,
  flags: 8,
} as const;
const acknowledgementText = 1;
const flagUp = 0x1;
const flagRunning = 0x40;
/** IFA_F_ in linux/if_addr.h. */
const addressFlags = {
  nodad: 0x02,
  home: 0x10,
  mngtmpaddr: 0x100,
  noprefixroute: 0x200,
  autojoin: 0x400,
} as const;
/** A virtual address must answer at once; two owners at a time are the protocol's business. */
const plainAttributes: AddressAttributes = {
  scope: null,
  broadcast: null,
  label: null,
  peer: null,
  preferredSeconds: null,
  flags: ['nodad'],
};
const foreverSeconds = 0xffffffff;

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
 * The payload of RTM_NEWADDR; `validSeconds` null: for ever. Without attributes: no broadcast
 * address, the scope that the kernel gives, and no duplicate address detection.
 */
export function encodeAddressPut(
  address: KernelAddress,
  validSeconds: number | null,
  attributes: AddressAttributes = plainAttributes,
): Uint8Array {
  const { broadcast, label, preferredSeconds } = attributes;
  const valid = validSeconds ?? foreverSeconds;
  const preferred = Math.min(preferredSeconds ?? foreverSeconds, valid);
  const flags = flagBits(address, attributes);
  return concatenated([
    ...addressParts(address, attributes, flags),
    ...(broadcast === null
      ? []
      : [attribute(addressAttributes.broadcast, addressBytes(broadcast))]),
    ...(label === null ? [] : [textAttribute(addressAttributes.label, label)]),
    attribute(addressAttributes.cacheInfo, lifetimes(preferred, valid)),
    // Only what does not fit into the header's octet is said a second time.
    ...(flags > 0xff ? [u32Attribute(addressAttributes.flags, flags)] : []),
  ]);
}

/** The payload of RTM_DELADDR. */
export function encodeAddressDelete(
  address: KernelAddress,
  attributes: AddressAttributes = plainAttributes,
): Uint8Array {
  return concatenated(addressParts(address, attributes, 0));
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

/**
 * struct ifaddrmsg and the address, which stands for both ends unless there is a peer; then the
 * prefix is the peer's.
 */
function addressParts(
  { linkIndex, prefix }: KernelAddress,
  { scope, peer }: AddressAttributes,
  flags: number,
): Uint8Array[] {
  const header = new Uint8Array(addressHeaderBytes);
  const family = familyNumbers[familyOf(prefix.address)];
  header.set([family, (peer ?? prefix).length, flags & 0xff, scope ?? 0]);
  viewOf(header).setUint32(4, linkIndex, isLittleEndian);
  const { local, address: otherEnd } = addressAttributes;
  return [
    header,
    attribute(local, addressBytes(prefix.address)),
    attribute(otherEnd, addressBytes((peer ?? prefix).address)),
  ];
}

function flagBits({ prefix }: KernelAddress, { flags }: AddressAttributes): number {
  const isIpv6 = familyOf(prefix.address) === 'ipv6';
  return flags
    .filter((flag) => isIpv6 || flag === 'noprefixroute' || flag === 'autojoin')
    .reduce((bits, flag) => bits | addressFlags[flag], 0);
}

/** struct ifa_cacheinfo: preferred and valid lifetime, then two timestamps that the kernel sets. */
function lifetimes(preferredSeconds: number, validSeconds: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = viewOf(bytes);
  view.setUint32(0, preferredSeconds, isLittleEndian);
  view.setUint32(4, validSeconds, isLittleEndian);
  return bytes;
}
