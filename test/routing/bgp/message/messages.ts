// What tests of BGP messages share: terms, reading, and attributes taken apart without our decoder.
import type { Result } from 'neverthrow';
import type { MessageError, ReceivedMessage } from '../../../../src/routing/bgp/message/message.js';
import { MessageReader } from '../../../../src/routing/bgp/message/message-reader.js';
import type { SessionTerms } from '../../../../src/routing/bgp/message/session-terms.js';

export const fullTerms: SessionTerms = {
  families: ['ipv4', 'ipv6'],
  hasFourOctetAs: true,
  hasExtendedNextHop: false,
  hasRouteRefresh: true,
  hasEnhancedRouteRefresh: true,
  messageOctetsMax: 4096,
};
/** What a speaker of RFC 4271 alone agrees to. */
export const oldTerms: SessionTerms = {
  families: ['ipv4'],
  hasFourOctetAs: false,
  hasExtendedNextHop: false,
  hasRouteRefresh: false,
  hasEnhancedRouteRefresh: false,
  messageOctetsMax: 4096,
};

export function readAll(
  chunks: readonly Uint8Array[],
  terms: SessionTerms,
): Result<ReceivedMessage, MessageError>[] {
  const reader = new MessageReader();
  reader.agree(terms);
  return chunks.flatMap((chunk) => [...reader.messages(chunk)]);
}

/** The only message of `chunks`, which must be an error. */
export function errorIn(chunk: Uint8Array, terms: SessionTerms): MessageError {
  const [message] = readAll([chunk], terms);
  if (message === undefined) throw new Error('assertion: no message');
  return message._unsafeUnwrapErr();
}

/** Of an UPDATE: flags and value in hexadecimal, by type, in their order. */
export function attributesIn(message: Uint8Array): Map<number, string> {
  const view = Buffer.from(message);
  const withdrawn = view.readUInt16BE(19);
  const end = 23 + withdrawn + view.readUInt16BE(21 + withdrawn);
  const found = new Map<number, string>();
  let offset = 23 + withdrawn;
  while (offset < end) {
    const flags = view.readUInt8(offset);
    const isLong = (flags & 0x10) !== 0;
    const octets = isLong ? view.readUInt16BE(offset + 2) : view.readUInt8(offset + 2);
    const valueAt = offset + (isLong ? 4 : 3);
    const value = view.subarray(valueAt, valueAt + octets).toString('hex');
    found.set(view.readUInt8(offset + 1), `${(flags & ~0x10).toString(16)} ${value}`);
    offset = valueAt + octets;
  }
  return found;
}

/** The header with this length and type, and what follows it. */
export function raw(type: number, body: Uint8Array, octets = 19 + body.length): Uint8Array {
  const marker = Array<number>(16).fill(0xff);
  return Uint8Array.of(...marker, octets >> 8, octets & 0xff, type, ...body);
}
