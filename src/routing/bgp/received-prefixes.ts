// How many prefixes a neighbour has sent, against the number that it may send (RFC 4486). None is
// kept: a prefix that is sent again cannot be told from another one. So the limit is for the first
// set, in which each comes once: until the End-of-RIB of each family (RFC 4724), a minute at most.
import type { AddressFamily } from '../../net/address.js';
import type { ReceivedUpdate } from './message/message.js';

const firstSetMsMax = 60_000;

export class ReceivedPrefixes {
  #announced = 0;
  #begunMs = 0;
  readonly #unfinished = new Set<AddressFamily>();

  begin(families: readonly AddressFamily[], nowMs: number): void {
    this.#begunMs = nowMs;
    this.#announced = 0;
    this.#unfinished.clear();
    for (const family of families) this.#unfinished.add(family);
  }

  /** Whether these are too many; null: there is no limit. */
  count(update: ReceivedUpdate, prefixesMax: number | null, nowMs: number): boolean {
    if (nowMs - this.#begunMs > firstSetMsMax) this.#unfinished.clear();
    if (this.#unfinished.size === 0) return false;
    this.#announced += update.announced;
    if (update.endOfRib !== null) this.#unfinished.delete(update.endOfRib);
    return prefixesMax !== null && this.#announced > prefixesMax;
  }
}
