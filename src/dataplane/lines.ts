// Bytes of a stream, in whatever pieces they arrive, to lines of UTF-8 text with a bound on their
// length.
import { err, ok, type Result } from 'neverthrow';

export type LineError = { readonly type: 'line.too_long'; readonly bytesMax: number };

const newline = 0x0a;
const startBytes = 4096;

export function describeLineError(error: LineError): string {
  return `a message is longer than ${error.bytesMax} bytes`;
}

export class LineSplitter {
  readonly #bytesMax: number;
  /** The start of a line whose end has not come; grown by doubling. */
  #held = Buffer.allocUnsafe(startBytes);
  #heldBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * The lines that `chunk` completes, without their newlines. After an error the stream is lost.
   */
  push(chunk: Uint8Array): Result<readonly string[], LineError> {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      if (!this.#hold(chunk.subarray(start, end))) return err(this.#tooLong());
      lines.push(this.#held.toString('utf8', 0, this.#heldBytes));
      this.#heldBytes = 0;
      start = end + 1;
    }
    if (!this.#hold(chunk.subarray(start))) return err(this.#tooLong());
    return ok(lines);
  }

  #hold(bytes: Uint8Array): boolean {
    const needed = this.#heldBytes + bytes.length;
    if (needed > this.#bytesMax) return false;
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#held.length * 2));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes = needed;
    return true;
  }

  #tooLong(): LineError {
    return { type: 'line.too_long', bytesMax: this.#bytesMax };
  }
}
