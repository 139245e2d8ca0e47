// A VRRP instance's hold on what it puts into the kernel: its addresses as leases, and with them
// the excluded addresses, the routes and the rules, which come and go together.
import { err, ok, type Result } from 'neverthrow';
import type { AddressObject } from '../config/kernel-address.js';
import type { InstanceObjects } from '../config/kernel-objects.js';
import { lifetimeSeconds } from '../net/address-lifetime.js';
import { formatPrefix, type Prefix } from '../net/prefix.js';
import type { AddressOwner, AddressOwnerError } from '../ports/address-owner.js';
import {
  describeKernelError,
  type Kernel,
  type KernelAddress,
  type KernelError,
  type Link,
} from '../ports/kernel.js';
import type { ObjectNews } from '../ports/kernel-objects.js';
import { type KernelObject, objectsOf, prefixInKernel } from './kernel-plan.js';
import { type KeeperWorld, ObjectKeeper } from './object-keeper.js';

export type ObjectOwnerOptions = {
  /** Of the instance, for the log. */
  readonly name: string;
  readonly objects: InstanceObjects;
  readonly world: KeeperWorld & { readonly kernel: Kernel };
  /** Tells the segments where the addresses are. */
  readonly announcer: Pick<AddressOwner, 'announce'>;
};

type Answer<T> = Promise<Result<T, AddressOwnerError>>;

/** The kernel counts lifetimes in seconds. */
const leaseMinMs = 1_000;

export type Places = {
  readonly devices: ReadonlySet<string>;
  /** Device and prefix of each address. */
  readonly addresses: ReadonlySet<string>;
};

export class ObjectOwner implements AddressOwner {
  readonly #options: ObjectOwnerOptions;
  readonly #keeper: ObjectKeeper;
  #objects: InstanceObjects;
  #all: readonly KernelObject[];
  #hasSaidUnleased = false;

  constructor(options: ObjectOwnerOptions) {
    this.#options = options;
    this.#objects = options.objects;
    this.#all = objectsOf(options.objects);
    this.#keeper = new ObjectKeeper(options.world);
    // An earlier process may have left all of it.
    this.#keeper.suspect(this.#all);
  }

  /** What differs is changed with the next lease: a MASTER has one due at once. */
  reconfigure(objects: InstanceObjects): void {
    this.#objects = objects;
    this.#all = objectsOf(objects);
  }

  async lease(addresses: readonly Prefix[], durationMs: number | null): Answer<void> {
    const validSeconds = this.#validSeconds(durationMs);
    const isWhole = addresses.length === this.#all.filter(isAdvertised).length;
    // Every advert comes here: what has no lifetime and is in place needs nothing.
    if (isWhole && validSeconds === null && this.#keeper.has(this.#all)) return ok(undefined);
    const wanted = new Set(addresses.map(formatPrefix));
    const objects = isWhole
      ? this.#all
      : this.#all.filter(
          (object) => !isAdvertised(object) || wanted.has(formatPrefix(object.prefix)),
        );
    return ownerAnswer(await this.#keeper.reach(objects, validSeconds));
  }

  async release(addresses: readonly Prefix[]): Answer<void> {
    const gone = new Set(addresses.map(formatPrefix));
    const isGone = (object: KernelObject): boolean =>
      isAdvertised(object) && gone.has(formatPrefix(object.prefix));
    const keepsSome = this.#keeper.held.some((object) => isAdvertised(object) && !isGone(object));
    if (keepsSome) return ownerAnswer(await this.#keeper.drop(isGone));
    this.#keeper.stop();
    return ownerAnswer(await this.#keeper.clear());
  }

  announce(addresses: readonly Prefix[]): Answer<void> {
    return this.#options.announcer.announce(addresses);
  }

  async held(addresses: readonly Prefix[]): Answer<readonly Prefix[]> {
    const { kernel } = this.#options.world;
    const [links, present] = await Promise.all([kernel.links(), kernel.addresses()]);
    if (links.isErr()) return err(ownerError(links.error));
    if (present.isErr()) return err(ownerError(present.error));
    const inPlace = placesOf(links.value, present.value).addresses;
    return ok(
      addresses.filter((prefix) =>
        this.#objects.addresses.some(
          (one) =>
            formatPrefix(one.prefix) === formatPrefix(prefix) &&
            inPlace.has(placeOf(one.device, prefixInKernel(one))),
        ),
      ),
    );
  }

  /**
   * Begins to look for watched addresses that someone deleted, or whose lease ran out; the answer
   * is given links and addresses that were asked for after the call. What is lost comes back with
   * the next lease. An address whose interface is gone is not lost: that is the interface's fault.
   */
  beginCheck(): (places: Places) => readonly AddressObject[] {
    const before = new Set(this.#keeper.confirmed);
    return ({ devices, addresses }) => {
      const lost = this.#keeper.confirmed.filter(
        (object): object is KernelObject & { type: 'address' } =>
          before.has(object) &&
          object.type === 'address' &&
          object.isTracked &&
          devices.has(object.device) &&
          !addresses.has(placeOf(object.device, prefixInKernel(object))),
      );
      for (const object of lost) this.#keeper.forget(object);
      return lost;
    };
  }

  /** Something was deleted: routes and rules of ours come back. */
  heard(news: ObjectNews): void {
    this.#keeper.heard(news);
  }

  /**
   * Too short a lease is none, and said once: rounded up it would outlive the backup's patience.
   */
  #validSeconds(durationMs: number | null): number | null {
    if (durationMs === null) return null;
    if (durationMs >= leaseMinMs) return lifetimeSeconds(durationMs);
    if (!this.#hasSaidUnleased) {
      this.#hasSaidUnleased = true;
      const { name, world } = this.#options;
      world.log.write(
        'warning',
        `(${name}) Addresses are not leased: the kernel cannot keep a lease of ` +
          `${Math.round(durationMs)} ms, shorter than 1 second`,
      );
    }
    return null;
  }
}

function isAdvertised(object: KernelObject): object is KernelObject & { type: 'address' } {
  return object.type === 'address' && object.isAdvertised;
}

/** What the kernel has now, for all instances at once. */
export function placesOf(links: readonly Link[], present: readonly KernelAddress[]): Places {
  const names = new Map(links.map(({ index, name }) => [index, name]));
  return {
    devices: new Set(names.values()),
    addresses: new Set(
      present.map(({ linkIndex, prefix }) => placeOf(names.get(linkIndex) ?? '', prefix)),
    ),
  };
}

function placeOf(device: string, prefix: Prefix): string {
  return `${device} ${formatPrefix(prefix)}`;
}

function ownerAnswer(outcome: Result<void, KernelError>): Result<void, AddressOwnerError> {
  return outcome.mapErr(ownerError);
}

function ownerError(error: KernelError): AddressOwnerError {
  return { type: 'address_owner.failed', reason: describeKernelError(error) };
}
