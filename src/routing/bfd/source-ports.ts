// The source ports of BFD sessions: 49152 to 65535, no two with the same (RFC 5881 section 4).
import type { Random } from '../../ports/random.js';

const first = 49_152;
const count = 65_536 - first;

export class SourcePorts {
  readonly #taken = new Set<number>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The next free one behind a random one; all taken: sessions begin to share. */
  take(): number {
    const start = Math.floor(this.#random() * count);
    for (let offset = 0; offset < count; offset++) {
      const port = first + ((start + offset) % count);
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      return port;
    }
    return first + start;
  }

  giveBack(port: number): void {
    this.#taken.delete(port);
  }
}
