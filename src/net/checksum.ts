// The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit
// words.

/** 0..0xffff; over bytes that include a correct checksum field the result is 0. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  let odd = false;
  for (const part of parts) {
    for (const byte of part) {
      sum += odd ? byte : byte << 8;
      odd = !odd;
    }
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
