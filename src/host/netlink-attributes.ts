// Attributes of netlink messages (struct nlattr): a length, a type, a value, in the machine's byte
// order, padded to four octets. Pure.
import { err, ok, type Result } from 'neverthrow';

export type NetlinkError = { readonly type: 'netlink.malformed'; readonly what: string };
export type Attributes = ReadonlyMap<number, Uint8Array>;

const attributeTypeMask = 0x3fff;
/** NLA_F_NESTED: the value is attributes. */
const nestedFlag = 0x8000;
export const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
export const familyNumbers = { ipv4: 2, ipv6: 10 } as const;

export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(aligned(4 + value.length));
  const view = viewOf(bytes);
  view.setUint16(0, 4 + value.length, isLittleEndian);
  view.setUint16(2, type, isLittleEndian);
  bytes.set(value, 4);
  return bytes;
}

export function nested(type: number, parts: readonly Uint8Array[]): Uint8Array {
  return attribute(type | nestedFlag, concatenated(parts));
}

/** Some attributes hold others without the flag that says so. */
export function unmarkedNested(type: number, parts: readonly Uint8Array[]): Uint8Array {
  return attribute(type, concatenated(parts));
}

export function u8Attribute(type: number, value: number): Uint8Array {
  return attribute(type, Uint8Array.of(value));
}

export function u16Attribute(type: number, value: number): Uint8Array {
  return attribute(type, new Uint8Array(Uint16Array.of(value).buffer));
}

export function u32Attribute(type: number, value: number): Uint8Array {
  return attribute(type, new Uint8Array(Uint32Array.of(value).buffer));
}

/** In network order. */
export function be64Attribute(type: number, value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  viewOf(bytes).setBigUint64(0, value);
  return attribute(type, bytes);
}

/** With its terminating zero. */
export function textAttribute(type: number, text: string): Uint8Array {
  return attribute(type, new TextEncoder().encode(`${text}\0`));
}

/** By type; the last of several wins. */
export function decodeAttributes(bytes: Uint8Array): Result<Attributes, NetlinkError> {
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

/** null: it is not there, or has another length. */
export function u32Of(attributes: Attributes, type: number): number | null {
  const bytes = attributes.get(type);
  return bytes?.length === 4 ? viewOf(bytes).getUint32(0, isLittleEndian) : null;
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Without the terminating zero. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function aligned(length: number): number {
  return (length + 3) & ~3;
}

export function malformed(what: string): Result<never, NetlinkError> {
  return err({ type: 'netlink.malformed', what });
}
