// Octets that arrive in pieces of any size, kept in one place up to a bound.
export class Octets {
  readonly #max: number;
  #space: Uint8Array = new Uint8Array(0);
  #length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length === this.#max;
  }

  /** Seen, not copied: until the next `add`. */
  get bytes(): Uint8Array {
    return this.#space.subarray(0, this.#length);
  }

  /** What is beyond the bound is left out. */
  add(bytes: Uint8Array): void {
    const taken = bytes.subarray(0, this.#max - this.#length);
    const wanted = this.#length + taken.length;
    if (this.#length === 0) {
      // Most answers come in one piece, which needs no copy. It fills its space, so that nothing
      // is ever written into it.
      this.#space = taken;
    } else {
      if (wanted > this.#space.length) this.#grow(wanted);
      this.#space.set(taken, this.#length);
    }
    this.#length = wanted;
  }

  /** Forgets what comes after the first `length` octets. */
  cut(length: number): void {
    this.#length = Math.min(this.#length, length);
    this.#space = this.bytes;
  }

  #grow(wanted: number): void {
    const space = new Uint8Array(Math.min(Math.max(wanted, 2 * this.#space.length), this.#max));
    space.set(this.bytes);
    this.#space = space;
  }
}
