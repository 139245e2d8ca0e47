// Big-endian reading and writing with bounds: a reader never runs past its end, it says so once.
import { addressBytes, addressFromBytes, type IpAddress } from './address.js';

/**
 * Reads a packet front to back. After a read past the end `overran` is true and every value is 0.
 */
export class ByteReader {
  #offset = 0;
  #overran = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get overran(): boolean {
    return this.#overran;
  }

  get remaining(): number {
    return this.#overran ? 0 : this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.bytes(1)[0] ?? 0;
  }

  u16(): number {
    const [high = 0, low = 0] = this.bytes(2);
    return (high << 8) | low;
  }

  u32(): number {
    const [high = 0, upper = 0, lower = 0, low = 0] = this.bytes(4);
    return high * 0x1000000 + (upper << 16) + (lower << 8) + low;
  }

  ipv4(): IpAddress {
    const bytes = this.bytes(4);
    return addressFromBytes(bytes.length === 4 ? bytes : new Uint8Array(4));
  }

  /** A view (no copy) of the next `length` bytes; empty when fewer are left. */
  bytes(length: number): Uint8Array {
    if (this.#overran || this.#offset + length > this.#bytes.length) {
      this.#overran = true;
      return new Uint8Array(0);
    }
    const view = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return view;
  }
}

/** Writes a packet front to back; `finish` returns exactly what was written. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value & 0xff;
    return this;
  }

  u16(value: number): this {
    return this.u8(value >> 8).u8(value);
  }

  u32(value: number): this {
    return this.u16(Math.floor(value / 0x10000)).u16(value & 0xffff);
  }

  address(address: IpAddress): this {
    return this.bytes(addressBytes(address));
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
