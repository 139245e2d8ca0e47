// What a router reads of the path attributes of an UPDATE (RFC 4271 section 4.3), by somebody who
// did not write the codec.

const gracefulShutdown = [0xff, 0xff, 0x00, 0x00];

/** MULTI_EXIT_DISC; null: there is none. */
export function medIn(attributes: Uint8Array): number | null {
  const value = octetsOf(attributes, 4);
  return value === null ? null : value.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** RFC 8326 */
export function isShuttingDown(attributes: Uint8Array): boolean {
  const value = octetsOf(attributes, 8) ?? new Uint8Array(0);
  for (let at = 0; at < value.length; at += 4) {
    if (gracefulShutdown.every((octet, index) => value[at + index] === octet)) return true;
  }
  return false;
}

function octetsOf(attributes: Uint8Array, wanted: number): Uint8Array | null {
  for (let at = 0; at < attributes.length; ) {
    const [flags = 0, type = 0, first = 0, second = 0] = attributes.subarray(at);
    const isLong = (flags & 0x10) !== 0;
    const from = at + (isLong ? 4 : 3);
    const octets = isLong ? first * 256 + second : first;
    if (type === wanted) return attributes.subarray(from, from + octets);
    at = from + octets;
  }
  return null;
}
