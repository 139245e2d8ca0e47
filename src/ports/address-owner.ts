// Somewhere that a VRRP instance can put its virtual addresses: the kernel's interface or the data
// plane. Owned addresses are leases: without a renewal in time they disappear by themselves.
import type { Result } from 'neverthrow';
import type { Prefix } from '../net/prefix.js';

export type AddressOwnerError = { readonly type: 'address_owner.failed'; readonly reason: string };

/** `durationMs` null: not leased (`lease off`), the addresses stay until released. */
export interface AddressOwner {
  /**
   * Puts the addresses in place, or renews their lease when they are. Calls are applied in order.
   */
  lease(
    addresses: readonly Prefix[],
    durationMs: number | null,
  ): Promise<Result<void, AddressOwnerError>>;
  release(addresses: readonly Prefix[]): Promise<Result<void, AddressOwnerError>>;
  /** One gratuitous ARP request per address (sender = target = address). */
  announce(addresses: readonly Prefix[]): Promise<Result<void, AddressOwnerError>>;
  /** Which of the addresses are in place now, left by an earlier process of this instance. */
  held(addresses: readonly Prefix[]): Promise<Result<readonly Prefix[], AddressOwnerError>>;
}
