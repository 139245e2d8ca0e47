// An address owner that follows the data plane through its restarts: every call goes to the one
// that answers now, and fails at once while none does.
import { err, type Result } from 'neverthrow';
import type { Prefix } from '../net/prefix.js';
import type { AddressOwner, AddressOwnerError } from '../ports/address-owner.js';

export class FollowingOwner implements AddressOwner {
  readonly #current: () => AddressOwner | null;

  constructor(current: () => AddressOwner | null) {
    this.#current = current;
  }

  lease(
    addresses: readonly Prefix[],
    durationMs: number | null,
  ): Promise<Result<void, AddressOwnerError>> {
    return this.#ask((owner) => owner.lease(addresses, durationMs));
  }

  release(addresses: readonly Prefix[]): Promise<Result<void, AddressOwnerError>> {
    return this.#ask((owner) => owner.release(addresses));
  }

  announce(addresses: readonly Prefix[]): Promise<Result<void, AddressOwnerError>> {
    return this.#ask((owner) => owner.announce(addresses));
  }

  held(addresses: readonly Prefix[]): Promise<Result<readonly Prefix[], AddressOwnerError>> {
    return this.#ask((owner) => owner.held(addresses));
  }

  async #ask<T>(
    question: (owner: AddressOwner) => Promise<Result<T, AddressOwnerError>>,
  ): Promise<Result<T, AddressOwnerError>> {
    const owner = this.#current();
    if (owner !== null) return question(owner);
    return err({ type: 'address_owner.failed', reason: 'the data plane does not answer' });
  }
}
