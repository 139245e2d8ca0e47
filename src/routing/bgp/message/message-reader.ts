// Messages out of a stream of bytes that is cut anywhere (RFC 4271 section 4.1). What is held is
// at most one message; what is yielded keeps nothing of the chunk alive.
import { err, type Result } from 'neverthrow';
import { decodeMessage } from './decode.js';
import { headerOctets, messageOctetsMax, readHeader } from './header.js';
import type { MessageError, ReceivedMessage } from './message.js';
import { initialTerms, type SessionTerms } from './session-terms.js';

export class MessageReader {
  #terms: SessionTerms = initialTerms;
  /** The beginning of a message whose end has not come. */
  #held = new Uint8Array(messageOctetsMax);
  #heldOctets = 0;
  #isEnded = false;
  /** Of the chunk, what was not looked at. */
  #rest: Uint8Array = new Uint8Array(0);

  /** What both OPEN messages say, from the next message on, also within a chunk. */
  agree(terms: SessionTerms): void {
    this.#terms = terms;
  }

  /**
   * The messages that end in `chunk`. After an error there is none any more; and neither when the
   * caller leaves before the last one, for then the stream is not in step.
   */
  *messages(chunk: Uint8Array): Generator<Result<ReceivedMessage, MessageError>, void, void> {
    this.#rest = chunk;
    while (!this.#isEnded) {
      const message = this.#next();
      if (message === null) return;
      this.#isEnded = true;
      yield message;
      this.#isEnded = message.isErr();
    }
  }

  /** null: its end is in a later chunk. */
  #next(): Result<ReceivedMessage, MessageError> | null {
    const isWhole = this.#heldOctets === 0 && this.#rest.length >= headerOctets;
    if (!isWhole && !this.#hold(headerOctets)) return null;
    const octetsMax = this.#terms.messageOctetsMax;
    const header = readHeader(isWhole ? this.#rest : this.#held, octetsMax);
    if (header.isErr()) return err(header.error);
    const { type, octets } = header.value;
    if (isWhole && this.#rest.length >= octets) {
      const message = this.#rest.subarray(0, octets);
      this.#rest = this.#rest.subarray(octets);
      return decodeMessage(type, message, this.#terms);
    }
    if (!this.#hold(octets)) return null;
    this.#heldOctets = 0;
    return decodeMessage(type, this.#held.subarray(0, octets), this.#terms);
  }

  /** Whether `octets` of the message are held now, taken from the chunk. */
  #hold(octets: number): boolean {
    if (octets > this.#held.length) {
      const grown = new Uint8Array(octets);
      grown.set(this.#held.subarray(0, this.#heldOctets));
      this.#held = grown;
    }
    const taken = this.#rest.subarray(0, Math.max(0, octets - this.#heldOctets));
    this.#held.set(taken, this.#heldOctets);
    this.#heldOctets += taken.length;
    this.#rest = this.#rest.subarray(taken.length);
    return this.#heldOctets >= octets;
  }
}
