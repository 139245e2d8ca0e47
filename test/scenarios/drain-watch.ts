// What the router must know of addresses that a node drains, while nothing else happens to them:
// first they are the last choice, and only when their time is over they go.
import { isShuttingDown } from './path-attributes.js';

export class DrainWatch {
  readonly #drainMs: number;
  readonly #boundMs: number;
  readonly #since = new Map<string, number>();
  /** Drains that were seen from the beginning to the end. */
  ended = 0;

  /** `boundMs`: from a decision of the node to what the router has. */
  constructor(drainMs: number, boundMs: number) {
    this.#drainMs = drainMs;
    this.#boundMs = boundMs;
  }

  begin(address: string, nowMs: number): void {
    this.#since.set(address, nowMs);
  }

  forgetAddress(address: string): void {
    this.#since.delete(address);
  }

  forget(): void {
    this.#since.clear();
  }

  /** The fault; null: there is none. */
  judge(known: ReadonlyMap<string, Uint8Array>, nowMs: number): string | null {
    for (const [address, sinceMs] of this.#since) {
      const drainedMs = nowMs - sinceMs;
      const attributes = known.get(`${address}/32`);
      if (attributes === undefined && drainedMs < this.#drainMs) {
        return `${address} is withdrawn ${drainedMs} ms after its drain began`;
      }
      const isLate = drainedMs > this.#boundMs;
      if (attributes !== undefined && isLate && !isShuttingDown(attributes)) {
        return `${address} is drained for ${drainedMs} ms, and still the first choice`;
      }
      if (attributes !== undefined && drainedMs > this.#drainMs + this.#boundMs) {
        return `${address} is still there ${drainedMs} ms after its drain began`;
      }
      if (attributes === undefined) {
        this.#since.delete(address);
        this.ended += 1;
      }
    }
    return null;
  }
}
