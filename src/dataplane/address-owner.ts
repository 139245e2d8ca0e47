// A VRRP instance's hold on its addresses when they live in the data plane (`dpdk_interface`).
import { err, ok, type Result } from 'neverthrow';
import { formatPrefix, type Prefix } from '../net/prefix.js';
import type { AddressOwner, AddressOwnerError } from '../ports/address-owner.js';
import { type Dataplane, type DataplaneError, describeDataplaneError } from './dataplane.js';

/** `holder` is the instance's name: leases survive the daemon and are found again by it. */
export class DataplaneAddressOwner implements AddressOwner {
  readonly #dataplane: Dataplane;
  readonly #holder: string;
  readonly #device: string;

  constructor(dataplane: Dataplane, holder: string, device: string) {
    this.#dataplane = dataplane;
    this.#holder = holder;
    this.#device = device;
  }

  async lease(
    addresses: readonly Prefix[],
    durationMs: number | null,
  ): Promise<Result<void, AddressOwnerError>> {
    const leased = await this.#dataplane.lease(this.#holder, this.#device, addresses, durationMs);
    return leased.mapErr(ownerError);
  }

  async release(addresses: readonly Prefix[]): Promise<Result<void, AddressOwnerError>> {
    const released = await this.#dataplane.release(this.#holder, addresses);
    return released.mapErr(ownerError);
  }

  async announce(addresses: readonly Prefix[]): Promise<Result<void, AddressOwnerError>> {
    const announced = await this.#dataplane.announce(this.#device, addresses);
    return announced.mapErr(ownerError);
  }

  async held(addresses: readonly Prefix[]): Promise<Result<readonly Prefix[], AddressOwnerError>> {
    const leases = await this.#dataplane.leases(this.#holder);
    if (leases.isErr()) return err(ownerError(leases.error));
    const mine = leases.value.filter(({ device }) => device === this.#device);
    const inPlace = new Set(mine.map(({ prefix }) => formatPrefix(prefix)));
    return ok(addresses.filter((prefix) => inPlace.has(formatPrefix(prefix))));
  }
}

function ownerError(error: DataplaneError): AddressOwnerError {
  return { type: 'address_owner.failed', reason: describeDataplaneError(error) };
}
