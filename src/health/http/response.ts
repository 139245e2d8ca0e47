// An answer while it arrives: its head, the sum of its page, and its octets where they are wanted.
// Everything that is kept or read has a bound. Chunks are not put together: what is summed up and
// matched are the octets of the wire, as keepalived does.
import { createHash, type Hash } from 'node:crypto';
import type { DigestAlgorithm } from '../../config/page-digest.js';
import { type Head, headEnd, headOf } from './head.js';
import { Octets } from './octets.js';

export const headBytesMax = 16 * 1024;
/** More of a page says nothing about its server; a match must be within it as well. */
export const pageBytesEnough = 1024 * 1024;
/** A sum needs the page as a whole. */
export const summedBytesMax = 64 * 1024 * 1024;

export type ResponseUse = {
  /** null: no sum is asked for. */
  readonly algorithm: DigestAlgorithm | null;
  /** The octets are matched with an expression. */
  readonly isMatched: boolean;
};

export type Progress =
  | { readonly type: 'more' }
  /** Nothing that comes after it counts. */
  | { readonly type: 'complete' }
  | { readonly type: 'refused'; readonly reason: string };

const more: Progress = { type: 'more' };
const complete: Progress = { type: 'complete' };

export class Response {
  readonly #use: ResponseUse;
  readonly #hash: Hash | null;
  readonly #octets: Octets;
  #head: Head | null = null;
  #headBytes = 0;
  #bytes = 0;
  #pageBytes = 0;
  #isCut = false;
  #digits: string | null = null;

  constructor(use: ResponseUse) {
    this.#use = use;
    this.#hash = use.algorithm === null ? null : createHash(use.algorithm);
    this.#octets = new Octets(use.isMatched ? headBytesMax + pageBytesEnough : headBytesMax);
  }

  /** null: it has not come as a whole. */
  get head(): Head | null {
    return this.#head;
  }

  /** Of everything that arrived. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Octets of the head, its empty line too; 0: it has not come as a whole. */
  get headBytes(): number {
    return this.#headBytes;
  }

  /** Head and page, if they are matched. */
  get octets(): Uint8Array {
    return this.#octets.bytes;
  }

  /** The page has more octets than are looked at. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The sum of what came of the page; the answer is over. */
  get digits(): string {
    this.#digits ??= this.#hash?.digest('hex') ?? '';
    return this.#digits;
  }

  take(bytes: Uint8Array): Progress {
    this.#bytes += bytes.length;
    if (this.#head !== null) return this.#takePage(bytes);
    const before = this.#octets.length;
    this.#octets.add(bytes);
    const seen = this.#octets.bytes;
    const end = headEnd(seen.subarray(0, headBytesMax), Math.max(0, before - 3));
    if (end === null) {
      if (seen.length < headBytesMax) return more;
      return { type: 'refused', reason: `its head is longer than ${headBytesMax} octets` };
    }
    this.#head = headOf(seen.subarray(0, end));
    this.#octets.cut(end);
    this.#headBytes = end;
    return this.#takePage(bytes.subarray(end - before));
  }

  #takePage(bytes: Uint8Array): Progress {
    const { algorithm, isMatched } = this.#use;
    const stated = this.#head?.pageBytes ?? null;
    const page = stated === null ? bytes : bytes.subarray(0, stated - this.#pageBytes);
    this.#pageBytes += page.length;
    if (isMatched) this.#octets.add(page);
    this.#hash?.update(page);
    if (stated !== null && this.#pageBytes >= stated) return complete;
    const max = algorithm === null ? pageBytesEnough : summedBytesMax;
    if (this.#pageBytes < max) return more;
    this.#isCut = true;
    if (algorithm === null) return complete;
    return { type: 'refused', reason: `its page is longer than ${max} octets` };
  }
}
