// UPDATE as we receive it: nothing of it is kept. Prefixes are counted; what RFC 7606 calls
// malformed is a complaint, for attributes that nobody uses are no reason to lose the session that
// carries our own routes. Only where the parts of the message cannot be found is it an error.
import { err, ok, type Result } from 'neverthrow';
import type { AddressFamily } from '../../../net/address.js';
import { attributeCodes, extended } from './attribute-codes.js';
import { attributeComplaint } from './attribute-rules.js';
import { familyFromCodes } from './family-code.js';
import { headerOctets, messageError, u16At } from './header.js';
import type { MessageError, ReceivedUpdate } from './message.js';
import type { SessionTerms } from './session-terms.js';

/** `message` is whole and its header right. */
export function decodeUpdate(
  message: Uint8Array,
  terms: SessionTerms,
): Result<ReceivedUpdate, MessageError> {
  const withdrawnAt = headerOctets + 2;
  const withdrawnEnd = withdrawnAt + u16At(message, headerOctets);
  const attributesAt = withdrawnEnd + 2;
  if (attributesAt > message.length) {
    return err(messageError(3, 1, 'withdrawn routes that are longer than their message'));
  }
  const attributesEnd = attributesAt + u16At(message, withdrawnEnd);
  if (attributesEnd > message.length) {
    return err(messageError(3, 1, 'attributes that are longer than their message'));
  }
  const tally = new Tally(message, terms);
  tally.withdraw(withdrawnAt, withdrawnEnd, 'ipv4');
  tally.announce(attributesEnd, message.length, 'ipv4');
  tally.attributes(attributesAt, attributesEnd, attributesEnd < message.length);
  if (message.length === headerOctets + 4) tally.endOfRib = 'ipv4';
  const { announced, withdrawn, endOfRib, complaint } = tally;
  return ok({ type: 'update', announced, withdrawn, endOfRib, complaint });
}

class Tally {
  announced = 0;
  withdrawn = 0;
  endOfRib: AddressFamily | null = null;
  /** The first one. */
  complaint: string | null = null;
  readonly #message: Uint8Array;
  readonly #terms: SessionTerms;
  /** Types of attributes. */
  readonly #seen = new Set<number>();

  constructor(message: Uint8Array, terms: SessionTerms) {
    this.#message = message;
    this.#terms = terms;
  }

  withdraw(from: number, end: number, family: AddressFamily): void {
    this.withdrawn += this.#prefixes(from, end, family, 'withdrawn');
  }

  announce(from: number, end: number, family: AddressFamily): void {
    this.announced += this.#prefixes(from, end, family, 'announced');
  }

  attributes(from: number, end: number, hasClassicPrefixes: boolean): void {
    let offset = from;
    while (offset < end) {
      const flags = this.#message[offset] ?? 0;
      const code = this.#message[offset + 1] ?? 0;
      const isExtended = (flags & extended) !== 0;
      const valueAt = offset + (isExtended ? 4 : 3);
      const octets = isExtended
        ? u16At(this.#message, offset + 2)
        : (this.#message[offset + 2] ?? 0);
      if (valueAt > end || valueAt + octets > end) {
        this.#complain(`attribute ${code} is longer than all attributes`);
        return;
      }
      this.#attribute(flags, code, valueAt, valueAt + octets);
      offset = valueAt + octets;
    }
    this.#complainOfMissing(hasClassicPrefixes);
  }

  #attribute(flags: number, code: number, from: number, end: number): void {
    if (this.#seen.has(code)) this.#complain(`attribute ${code} is there twice`);
    this.#seen.add(code);
    const value = this.#message.subarray(from, end);
    const complaint = attributeComplaint(flags, code, value, this.#terms.hasFourOctetAs);
    if (complaint !== null) this.#complain(complaint);
    if (code === attributeCodes.mpReach) this.#reach(from, end);
    if (code === attributeCodes.mpUnreach) this.#unreach(from, end);
  }

  /** RFC 4760 section 3: AFI, SAFI, a next hop with its length, a reserved octet, prefixes. */
  #reach(from: number, end: number): void {
    const family = this.#family(from, end, 5);
    if (family === null) return;
    const prefixesAt = from + 5 + (this.#message[from + 3] ?? 0);
    if (prefixesAt > end) this.#complain('the next hop is longer than MP_REACH_NLRI');
    else this.announce(prefixesAt, end, family);
  }

  #unreach(from: number, end: number): void {
    const family = this.#family(from, end, 3);
    if (family === null) return;
    if (from + 3 === end && this.#isAlone(from)) this.endOfRib = family;
    this.withdraw(from + 3, end, family);
  }

  /** Whether the attribute whose value ends the message is all that is in it. */
  #isAlone(valueAt: number): boolean {
    const firstAt = headerOctets + 4;
    const isExtended = ((this.#message[firstAt] ?? 0) & extended) !== 0;
    const isFirst = valueAt === firstAt + (isExtended ? 4 : 3);
    return isFirst && valueAt + 3 === this.#message.length;
  }

  /** null: of prefixes that we cannot read nothing is counted. */
  #family(from: number, end: number, octetsMin: number): AddressFamily | null {
    if (end - from < octetsMin) {
      this.#complain('MP_REACH_NLRI or MP_UNREACH_NLRI is too short');
      return null;
    }
    const family = familyFromCodes(u16At(this.#message, from), this.#message[from + 2] ?? 0);
    if (family === null || !this.#terms.families.includes(family)) {
      this.#complain('prefixes are of a family that was not agreed');
      return null;
    }
    return family;
  }

  #prefixes(from: number, end: number, family: AddressFamily, what: string): number {
    const bitsMax = family === 'ipv4' ? 32 : 128;
    let count = 0;
    let offset = from;
    while (offset < end) {
      const bits = this.#message[offset] ?? 0;
      offset += 1 + ((bits + 7) >> 3);
      if (bits > bitsMax || offset > end) {
        this.#complain(`the ${what} prefixes cannot be read behind the first ${count}`);
        return count;
      }
      count += 1;
    }
    return count;
  }

  /** RFC 7606 section 3 (d): what every announcement has. */
  #complainOfMissing(hasClassicPrefixes: boolean): void {
    if (!hasClassicPrefixes && !this.#seen.has(attributeCodes.mpReach)) return;
    const missing = this.#missing(hasClassicPrefixes);
    if (missing !== null) this.#complain(`attribute ${missing} is missing`);
  }

  #missing(hasClassicPrefixes: boolean): number | null {
    const { origin, asPath, nextHop } = attributeCodes;
    if (!this.#seen.has(origin)) return origin;
    if (!this.#seen.has(asPath)) return asPath;
    return hasClassicPrefixes && !this.#seen.has(nextHop) ? nextHop : null;
  }

  #complain(complaint: string): void {
    this.complaint ??= complaint;
  }
}
