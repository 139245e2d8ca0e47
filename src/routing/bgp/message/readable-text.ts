// Text that a neighbour sent, for logs and status: whatever the octets are, one line, without
// anything that moves a terminal's cursor or its direction of writing.

/** Controls, line separators, directions, and what is invisible. */
const unreadable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

export function readableText(octets: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets);
  return text.replace(unreadable, '\u{fffd}');
}

/** As UTF-8 of at most `octetsMax` octets, cut between two characters. */
export function textOctets(text: string, octetsMax: number): Uint8Array {
  const octets = new Uint8Array(octetsMax);
  const { written } = new TextEncoder().encodeInto(text, octets);
  return octets.subarray(0, written);
}
