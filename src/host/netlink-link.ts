// Interfaces of our own in rtnetlink (struct ifinfomsg, linux/if_link.h): macvlan and ipvlan made
// and removed, and of what the kernel lists as much as tells ours from others. Pure.
import { ok, type Result } from 'neverthrow';
import { macBytes, macFromBytes } from '../net/mac.js';
import type { FoundLink, VirtualLink } from '../ports/kernel-objects.js';
import {
  attribute,
  concatenated,
  decodeAttributes,
  isLittleEndian,
  malformed,
  type NetlinkError,
  nested,
  textAttribute,
  textOf,
  u16Attribute,
  u32Attribute,
  u32Of,
  viewOf,
} from './netlink-attributes.js';

const headerBytes = 16;
const flagUp = 0x1;
const linkAttributes = { address: 1, name: 3, parent: 5, details: 18, group: 27 } as const;
const detailAttributes = { kind: 1, settings: 2 } as const;
const macvlanMode = 1;
/** What one of them sends never comes back to another one on the same parent. */
const macvlanModePrivate = 1;
const ipvlanAttributes = { mode: 1, flags: 2 } as const;
const ipvlanModeL2 = 0;
const ipvlanFlags = { bridge: 0, private: 1, vepa: 2 } as const;

/** The payload of RTM_NEWLINK that makes it, not yet up: its sysctls come first. */
export function encodeLinkMake(link: VirtualLink, parentIndex: number): Uint8Array {
  const { name, group, kind } = link;
  return concatenated([
    header(0, 0),
    u32Attribute(linkAttributes.parent, parentIndex),
    ...(kind.type === 'macvlan' ? [attribute(linkAttributes.address, macBytes(kind.mac))] : []),
    textAttribute(linkAttributes.name, name),
    ...(group === null ? [] : [u32Attribute(linkAttributes.group, group)]),
    nested(linkAttributes.details, [
      textAttribute(detailAttributes.kind, kind.type),
      nested(detailAttributes.settings, settingParts(kind)),
    ]),
  ]);
}

function settingParts(kind: VirtualLink['kind']): Uint8Array[] {
  if (kind.type === 'macvlan') return [u32Attribute(macvlanMode, macvlanModePrivate)];
  return [
    u16Attribute(ipvlanAttributes.mode, ipvlanModeL2),
    u16Attribute(ipvlanAttributes.flags, ipvlanFlags[kind.mode]),
  ];
}

/** The payload of RTM_NEWLINK that takes an interface up. */
export function encodeLinkUp(index: number): Uint8Array {
  return header(index, flagUp);
}

/** The payload of RTM_DELLINK. */
export function encodeLinkDelete(index: number): Uint8Array {
  return header(index, 0);
}

/** The payload of RTM_NEWLINK that moves an interface into a group. */
export function encodeLinkRegroup(index: number, group: number): Uint8Array {
  return concatenated([header(index, 0), u32Attribute(linkAttributes.group, group)]);
}

/** The payload of RTM_DELLINK for all interfaces of a group. */
export function encodeGroupDelete(group: number): Uint8Array {
  return encodeLinkRegroup(0, group);
}

/** Of RTM_NEWLINK. */
export function decodeLinkGroup(payload: Uint8Array): Result<number, NetlinkError> {
  if (payload.length < headerBytes) return malformed('link');
  return decodeAttributes(payload.subarray(headerBytes)).map(
    (attributes) => u32Of(attributes, linkAttributes.group) ?? 0,
  );
}

/** Of RTM_NEWLINK; null: a bridge's view of its port, not a link. */
export function decodeFoundLink(payload: Uint8Array): Result<FoundLink | null, NetlinkError> {
  if (payload.length < headerBytes) return malformed('link');
  if (payload[0] !== 0) return ok(null);
  const index = viewOf(payload).getInt32(4, isLittleEndian);
  return decodeAttributes(payload.subarray(headerBytes)).andThen((attributes) => {
    const name = attributes.get(linkAttributes.name);
    if (name === undefined) return malformed('link');
    const hardware = attributes.get(linkAttributes.address);
    const details = attributes.get(linkAttributes.details) ?? new Uint8Array(0);
    return decodeAttributes(details).map((inside) => {
      const kind = inside.get(detailAttributes.kind);
      return {
        index,
        name: textOf(name),
        kind: kind === undefined ? null : textOf(kind),
        parentIndex: u32Of(attributes, linkAttributes.parent),
        mac: hardware?.length === 6 ? macFromBytes(hardware) : null,
      };
    });
  });
}

/** struct ifinfomsg; `flags` are those that are set, and the only ones that change. */
function header(index: number, flags: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = viewOf(bytes);
  view.setInt32(4, index, isLittleEndian);
  view.setUint32(8, flags, isLittleEndian);
  view.setUint32(12, flags, isLittleEndian);
  return bytes;
}
