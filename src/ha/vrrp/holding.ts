// The virtual addresses of one VRRP instance, put somewhere by an AddressOwner. Calls go out one
// after the other in the order asked for; a slow owner gets the newest renewal only, for the time
// that is left.
import { ok, type Result } from 'neverthrow';
import type { Prefix } from '../../net/prefix.js';
import type { AddressOwner, AddressOwnerError } from '../../ports/address-owner.js';
import type { Clock } from '../../ports/clock.js';

type Outcome = Result<void, AddressOwnerError>;
type Renewal = { addresses: readonly Prefix[]; deadlineMs: number | null };

export class Holding {
  readonly #owner: AddressOwner;
  readonly #clock: Clock;
  readonly #failed: (reason: string) => void;
  readonly #calls: (() => Promise<Outcome>)[] = [];
  /** Ends when every call made so far is answered. */
  #drained: Promise<void> = Promise.resolve();
  #isBusy = false;
  #waitingRenewal: Renewal | null = null;
  /** Counts losses of the addresses: what was asked for before one must not go on after it. */
  #releases = 0;
  #deadlineMs: number | null = null;
  #lastFailure: string | null = null;

  /** `failed` is told once until the owner succeeds again or fails for another reason. */
  constructor(owner: AddressOwner, clock: Clock, failed: (reason: string) => void) {
    this.#owner = owner;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Holds the addresses until `deadlineMs` on the clock; null: until released. */
  hold(addresses: readonly Prefix[], deadlineMs: number | null): void {
    this.#deadlineMs = deadlineMs;
    if (this.#waitingRenewal !== null) {
      this.#waitingRenewal.addresses = addresses;
      this.#waitingRenewal.deadlineMs = deadlineMs;
      return;
    }
    const renewal: Renewal = { addresses, deadlineMs };
    const releases = this.#releases;
    this.#waitingRenewal = renewal;
    this.#call(async () => {
      if (this.#waitingRenewal === renewal) this.#waitingRenewal = null;
      return this.#releases === releases ? await this.#lease(renewal) : ok(undefined);
    });
  }

  /** Lets go of all or some of the addresses and ends announcements that are under way. */
  release(addresses: readonly Prefix[]): void {
    this.#releases += 1;
    this.#deadlineMs = null;
    this.#waitingRenewal = null;
    this.#call(() => this.#owner.release(addresses));
  }

  /** One message for each address; false when it did not leave, or the addresses went meanwhile. */
  announce(addresses: readonly Prefix[]): Promise<boolean> {
    const releases = this.#releases;
    return new Promise((resolve) => {
      this.#call(async () => {
        const isWanted = this.#releases === releases;
        const outcome: Outcome = isWanted ? await this.#owner.announce(addresses) : ok(undefined);
        resolve(isWanted && outcome.isOk());
        return outcome;
      });
    });
  }

  /** True when the last lease has run out unrenewed. */
  get isExpired(): boolean {
    return this.#deadlineMs !== null && this.#clock.nowMs() >= this.#deadlineMs;
  }

  settled(): Promise<void> {
    return this.#drained;
  }

  async #lease({ addresses, deadlineMs }: Renewal): Promise<Outcome> {
    if (deadlineMs === null) return await this.#owner.lease(addresses, null);
    const leftMs = deadlineMs - this.#clock.nowMs();
    return leftMs > 0 ? await this.#owner.lease(addresses, leftMs) : ok(undefined);
  }

  #call(call: () => Promise<Outcome>): void {
    this.#calls.push(call);
    if (!this.#isBusy) this.#drained = this.#drain();
  }

  /** The first call leaves at once, not a turn later: it follows an advert that has just left. */
  async #drain(): Promise<void> {
    this.#isBusy = true;
    for (let call = this.#calls.shift(); call !== undefined; call = this.#calls.shift()) {
      const outcome = await call();
      const failure = outcome.isErr() ? outcome.error.reason : null;
      if (failure !== null && failure !== this.#lastFailure) this.#failed(failure);
      this.#lastFailure = failure;
    }
    this.#isBusy = false;
  }
}
