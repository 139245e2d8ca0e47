// Octets that a connection has not taken yet, in order: whole blocks, so that many short messages
// leave in few calls and segments.
const blockBytes = 64 * 1024;

export class SendQueue {
  /** The first may be sent in part, the last may have room. */
  readonly #blocks: { readonly room: Uint8Array; used: number }[] = [];
  #sent = 0;
  #length = 0;

  /** Octets. */
  get length(): number {
    return this.#length;
  }

  /** A copy of what is behind `offset`. */
  push(bytes: Uint8Array, offset: number): void {
    let at = offset;
    while (at < bytes.length) {
      const block = this.#lastWithRoom();
      const count = Math.min(bytes.length - at, block.room.length - block.used);
      block.room.set(bytes.subarray(at, at + count), block.used);
      block.used += count;
      at += count;
      this.#length += count;
    }
  }

  /** What leaves next; null when nothing waits. */
  first(): Uint8Array | null {
    const block = this.#blocks[0];
    return block === undefined ? null : block.room.subarray(this.#sent, block.used);
  }

  /** `count` octets of `first()` have left. */
  drop(count: number): void {
    const block = this.#blocks[0];
    if (block === undefined || count > block.used - this.#sent) {
      throw new Error('assertion: more left than there was');
    }
    this.#sent += count;
    this.#length -= count;
    if (this.#sent < block.used) return;
    this.#blocks.shift();
    this.#sent = 0;
  }

  clear(): void {
    this.#blocks.length = 0;
    this.#sent = 0;
    this.#length = 0;
  }

  #lastWithRoom(): { readonly room: Uint8Array; used: number } {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.used < last.room.length) return last;
    const block = { room: new Uint8Array(blockBytes), used: 0 };
    this.#blocks.push(block);
    return block;
  }
}
