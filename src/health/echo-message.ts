// ICMP echo (RFC 792, RFC 4443 section 4): requests and what is a reply to them. The id and the
// checksum are the socket's.
import type { AddressFamily } from '../net/address.js';
import { ByteReader, ByteWriter } from '../net/bytes.js';

const types = {
  ipv4: { request: 8, reply: 0 },
  ipv6: { request: 128, reply: 129 },
} as const;

/** As much as ping sends. */
const wordsSent = 14;

/** `token` (32 bits) fills the message: nobody answers it who did not see it. */
export function echoRequest(family: AddressFamily, sequence: number, token: number): Uint8Array {
  const writer = new ByteWriter().u8(types[family].request).u8(0).u16(0).u16(0).u16(sequence);
  for (let word = 0; word < wordsSent; word++) writer.u32(token);
  return writer.finish();
}

export function isEchoReply(
  family: AddressFamily,
  bytes: Uint8Array,
  sequence: number,
  token: number,
): boolean {
  const reader = new ByteReader(bytes);
  const type = reader.u8();
  reader.bytes(5);
  if (type !== types[family].reply || reader.u16() !== sequence) return false;
  for (let word = 0; word < wordsSent; word++) if (reader.u32() !== token) return false;
  return !reader.overran && reader.remaining === 0;
}
