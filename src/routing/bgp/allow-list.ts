// What may be announced to a neighbour (RFC 8212 in spirit): what no entry names never leaves, and
// the default route never leaves whatever the entries say.
import type { AllowedPrefix } from '../../config/bgp.js';
import { addressBytes } from '../../net/address.js';
import type { Prefix } from '../../net/prefix.js';

type Entry = {
  readonly bytes: Uint8Array;
  readonly bits: number;
  readonly lengthMin: number;
  readonly lengthMax: number;
};

export class AllowList {
  readonly #entries: readonly Entry[];

  constructor(allowed: readonly AllowedPrefix[]) {
    this.#entries = allowed.map(({ prefix, lengthMin, lengthMax }) => ({
      bytes: addressBytes(prefix.address),
      bits: prefix.length,
      lengthMin,
      lengthMax,
    }));
  }

  allows(prefix: Prefix): boolean {
    const { length } = prefix;
    if (length === 0) return false;
    const bytes = addressBytes(prefix.address);
    return this.#entries.some(
      (entry) =>
        entry.bytes.length === bytes.length &&
        length >= Math.max(entry.bits, entry.lengthMin) &&
        length <= entry.lengthMax &&
        isInside(bytes, entry),
    );
  }
}

function isInside(bytes: Uint8Array, entry: Entry): boolean {
  const whole = entry.bits >> 3;
  for (let index = 0; index < whole; index += 1) {
    if (bytes[index] !== entry.bytes[index]) return false;
  }
  const mask = (0xff00 >> (entry.bits & 7)) & 0xff;
  return (((bytes[whole] ?? 0) ^ (entry.bytes[whole] ?? 0)) & mask) === 0;
}
