// Signs what one instance sends and judges what it hears: sequence numbers that grow with the
// calendar's time, so that they go on growing in the next process, and for each sender the highest
// one heard.
import type { VrrpSigning } from '../../config/vrrp-signing.js';
import type { IpAddress } from '../../net/address.js';
import type { VrrpPacketError } from './refusal.js';
import { isSigned, readSignature, type Signer, signatureOf } from './signature.js';

/** Senders that are remembered of a group, where anybody with a key may speak. */
const sendersMax = 8;
const sequenceBits = 64;
const secondsAt = 32n;
const fractionAt = 16n;
const fractionsPerSecond = 65_536;

export class Signing {
  readonly #epochMs: () => number;
  #sent = 0n;
  /** The one heard last is the last one. */
  readonly #heard = new Map<IpAddress, bigint>();

  constructor(epochMs: () => number) {
    this.#epochMs = epochMs;
  }

  /** null: adverts are not signed. The same octets go to all destinations. */
  sign(message: Uint8Array, signer: Signer, signing: VrrpSigning | null): Uint8Array | null {
    if (signing === null || signing.active === null) return null;
    this.#sent = this.#next(signing.windowSeconds);
    return signatureOf(message, signer, signing.active, this.#sent);
  }

  /** null: it is good. `octets` null: there is no signature. */
  refusalOf(
    message: Uint8Array,
    octets: Uint8Array | null,
    signer: Signer,
    signing: VrrpSigning,
  ): VrrpPacketError | null {
    const { source } = signer;
    if (octets === null) {
      return signing.takesUnsigned ? null : { type: 'vrrp.signature_missing', source };
    }
    const signature = readSignature(octets);
    const { keyId, sequence } = signature;
    if (!signature.isWellFormed) return { type: 'vrrp.signature_malformed', source };
    // Before the digest: what is old costs a flood more than it costs us, and grants nothing.
    const skewSeconds = this.#skewSeconds(sequence);
    const { windowSeconds } = signing;
    if (windowSeconds !== null && Math.abs(skewSeconds) > windowSeconds) {
      return { type: 'vrrp.signature_stale', source, skewSeconds, windowSeconds };
    }
    const key = signing.keys.find(({ id }) => id === keyId);
    if (key === undefined) return { type: 'vrrp.signature_key', source, keyId };
    if (!isSigned(message, signature, signer, key)) {
      return { type: 'vrrp.signature_wrong', source };
    }
    return this.#isNew(source, sequence, windowSeconds)
      ? null
      : { type: 'vrrp.signature_replayed', source };
  }

  /** A clock that was set back strands the last number: where time counts it starts anew. */
  #next(windowSeconds: number | null): bigint {
    const clock = sequenceAt(this.#epochMs());
    if (isAfter(clock, this.#sent)) return clock;
    const isStranded = windowSeconds !== null && -this.#skewSeconds(this.#sent) > windowSeconds;
    return isStranded ? clock : BigInt.asUintN(sequenceBits, this.#sent + 1n);
  }

  #isNew(source: IpAddress, sequence: bigint, windowSeconds: number | null): boolean {
    const last = this.#heard.get(source);
    const isForgotten =
      last === undefined ||
      (windowSeconds !== null && Math.abs(this.#skewSeconds(last)) > windowSeconds);
    if (!isForgotten && !isAfter(sequence, last)) return false;
    this.#heard.delete(source);
    this.#heard.set(source, sequence);
    if (this.#heard.size > sendersMax) {
      for (const oldest of this.#heard.keys()) {
        this.#heard.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** How far our clock is ahead of that number; seconds wrap at 2^32. */
  #skewSeconds(sequence: bigint): number {
    const seconds = Number(sequence >> secondsAt);
    return (Math.floor(this.#epochMs() / 1000) - seconds) | 0;
  }
}

/** Seconds since 1970, 16 bits of their fraction, and 16 bits to tell equal times apart. */
function sequenceAt(epochMs: number): bigint {
  const seconds = Math.floor(epochMs / 1000);
  const fraction = Math.floor(((epochMs - seconds * 1000) / 1000) * fractionsPerSecond);
  const whole = (BigInt(seconds) << secondsAt) | (BigInt(fraction) << fractionAt);
  return BigInt.asUintN(sequenceBits, whole);
}

/** Of numbers that wrap. */
function isAfter(left: bigint, right: bigint): boolean {
  return BigInt.asIntN(sequenceBits, left - right) > 0n;
}
