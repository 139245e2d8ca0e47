// A VRRP instance's hold on its addresses when they live on a kernel interface. The lease is the
// address's own valid lifetime, so the kernel takes the address away when nobody renews it.
import { err, ok, type Result } from 'neverthrow';
import type { IpAddress } from '../net/address.js';
import { lifetimeSeconds } from '../net/address-lifetime.js';
import { formatPrefix, type Prefix } from '../net/prefix.js';
import type { AddressOwner, AddressOwnerError } from '../ports/address-owner.js';
import { describeKernelError, type Kernel, type KernelError, type Link } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';
import { describePacketError, type FrameSender, type Packets } from '../ports/packets.js';

export type KernelAddressOwnerOptions = {
  readonly interfaceName: string;
  readonly kernel: Kernel;
  readonly packets: Packets;
  /** The frame that tells the segment where an address lives. */
  readonly announcementFrame: (sender: FrameSender, address: IpAddress) => Uint8Array;
  readonly log: Log;
};

/** The kernel counts lifetimes in seconds. */
const leaseMinMs = 1_000;

export class KernelAddressOwner implements AddressOwner {
  readonly #options: KernelAddressOwnerOptions;
  #hasSaidUnleased = false;

  constructor(options: KernelAddressOwnerOptions) {
    this.#options = options;
  }

  lease(
    addresses: readonly Prefix[],
    durationMs: number | null,
  ): Promise<Result<void, AddressOwnerError>> {
    const { kernel, interfaceName } = this.#options;
    const validSeconds = this.#validSeconds(durationMs);
    return forEach(addresses, (prefix) =>
      kernel.putAddress({ interface: interfaceName, prefix, validSeconds }),
    );
  }

  release(addresses: readonly Prefix[]): Promise<Result<void, AddressOwnerError>> {
    const { kernel, interfaceName } = this.#options;
    return forEach(addresses, (prefix) => kernel.removeAddress(interfaceName, prefix));
  }

  async announce(addresses: readonly Prefix[]): Promise<Result<void, AddressOwnerError>> {
    const { packets, interfaceName, announcementFrame } = this.#options;
    const sender = packets.frameSender(interfaceName);
    if (sender.isErr()) return failed(describePacketError(sender.error));
    // Nobody on a link without Ethernet addresses has an old one to forget.
    if (sender.value === null) return ok(undefined);
    for (const { address } of addresses) {
      const sent = packets.sendFrame(interfaceName, announcementFrame(sender.value, address));
      if (sent.isErr()) return failed(describePacketError(sent.error));
    }
    return ok(undefined);
  }

  async held(addresses: readonly Prefix[]): Promise<Result<readonly Prefix[], AddressOwnerError>> {
    const link = await this.#link();
    if (link.isErr()) return err(link.error);
    const present = await this.#options.kernel.addresses();
    if (present.isErr()) return err(ownerError(present.error));
    const ours = present.value.filter(({ linkIndex }) => linkIndex === link.value?.index);
    const inPlace = new Set(ours.map(({ prefix }) => formatPrefix(prefix)));
    return ok(addresses.filter((prefix) => inPlace.has(formatPrefix(prefix))));
  }

  /**
   * Too short a lease is none, and said once: rounded up it would outlive the backup's patience.
   */
  #validSeconds(durationMs: number | null): number | null {
    if (durationMs === null) return null;
    if (durationMs >= leaseMinMs) return lifetimeSeconds(durationMs);
    if (!this.#hasSaidUnleased) {
      this.#hasSaidUnleased = true;
      this.#options.log.write(
        'warning',
        `Addresses on ${this.#options.interfaceName} are not leased: ` +
          `the kernel cannot keep a lease of ${Math.round(durationMs)} ms, shorter than 1 second`,
      );
    }
    return null;
  }

  async #link(): Promise<Result<Link | null, AddressOwnerError>> {
    const links = await this.#options.kernel.links();
    return links
      .map((all) => all.find(({ name }) => name === this.#options.interfaceName) ?? null)
      .mapErr(ownerError);
  }
}

/**
 * Asks for all of them at once, even when one fails; the first failure is the answer. Nothing is
 * awaited before the last is asked, so calls of the owner reach the kernel in their own order.
 */
async function forEach(
  addresses: readonly Prefix[],
  ask: (prefix: Prefix) => Promise<Result<void, KernelError>>,
): Promise<Result<void, AddressOwnerError>> {
  const answers = await Promise.all(addresses.map(ask));
  const failure = answers.find((answer) => answer.isErr());
  return failure === undefined ? ok(undefined) : failure.mapErr(ownerError);
}

function ownerError(error: KernelError): AddressOwnerError {
  return { type: 'address_owner.failed', reason: describeKernelError(error) };
}

function failed(reason: string): Result<never, AddressOwnerError> {
  return err({ type: 'address_owner.failed', reason });
}
