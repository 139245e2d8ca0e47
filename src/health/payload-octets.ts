// What a UDP_CHECK sends as octets, and whether an answer begins as is written.
import type { Payload } from '../config/payload.js';

export function payloadOctets(payload: Payload): Uint8Array {
  if (payload.type === 'text') return new TextEncoder().encode(payload.text);
  const pairs = payload.digits.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

/** An X in the pattern is any digit. More may follow what the pattern says. */
export function beginsAs(bytes: Uint8Array, pattern: Payload): boolean {
  if (pattern.type === 'text') {
    return payloadOctets(pattern).every((octet, index) => bytes[index] === octet);
  }
  return [...pattern.digits].every((digit, index) => {
    const octet = bytes[index >> 1];
    if (octet === undefined) return false;
    return (
      digit === 'X' || Number.parseInt(digit, 16) === (index % 2 === 0 ? octet >> 4 : octet & 15)
    );
  });
}
