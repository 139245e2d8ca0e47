// A VRRP instance's hold on the data plane (`dpdk_interface`): its addresses, the excluded ones and
// the local addresses that follow it as leases on their ports, its routes beside them. What the
// data plane cannot have is in the kernel, by another owner. Follows the data plane through its
// restarts: every call goes to the one that answers now, and fails at once while none does.
import { err, ok, type Result } from 'neverthrow';
import type { InstanceObjects } from '../config/kernel-objects.js';
import type { PortRoute } from '../config/port-objects.js';
import type { VirtualAddress } from '../config/vrrp.js';
import { type Dataplane, describeDataplaneError } from '../dataplane/dataplane.js';
import type { Change, Route } from '../dataplane/state.js';
import type { ObjectOwner, Places } from '../ha/object-owner.js';
import { formatPrefix, type Prefix } from '../net/prefix.js';
import type { AddressOwner, AddressOwnerError } from '../ports/address-owner.js';
import type { ObjectNews } from '../ports/kernel-objects.js';
import { DeviceOwners } from './device-owners.js';
import { FollowingOwner } from './following-owner.js';

export type PortOwnerOptions = {
  /** The port of the instance. */
  readonly port: string;
  readonly objects: InstanceObjects;
  /** The data plane of the moment. */
  readonly plane: () => Dataplane | null;
  readonly ownerOn: (plane: Dataplane, device: string) => AddressOwner;
  /** Of the routes and rules that are the kernel's; it has no addresses. */
  readonly kernel: ObjectOwner;
};

type Outcome = Result<void, AddressOwnerError>;
type Answer<T> = Promise<Result<T, AddressOwnerError>>;

export class PortOwner implements AddressOwner {
  readonly #options: PortOwnerOptions;
  #objects: InstanceObjects;
  #owners: DeviceOwners;
  /** What was leased last and not released since, by its text. */
  readonly #leased = new Map<string, Prefix>();
  /** What an earlier process may have left is looked for once. */
  #mayHaveLeft = true;
  /** What the data plane is to have of the routes; none unless the instance is MASTER. */
  #wanted: readonly PortRoute[] = [];
  /** What `#routedPlane` has of them; the very list of `#wanted` when it has all. */
  #routes: readonly PortRoute[] = [];
  #routedPlane: Dataplane | null = null;

  constructor(options: PortOwnerOptions) {
    this.#options = options;
    this.#objects = options.objects;
    this.#owners = this.#deviceOwners();
  }

  /** Of the data plane, now. */
  get wantedRoutes(): readonly PortRoute[] {
    return this.#wanted;
  }

  /** What differs is changed with the next lease: a MASTER has one due at once. */
  reconfigure(objects: InstanceObjects): void {
    this.#objects = objects;
    this.#owners = this.#deviceOwners();
    this.#options.kernel.reconfigure(withoutAddresses(objects));
  }

  /** With them go those that are no part of the adverts. */
  async lease(addresses: readonly Prefix[], durationMs: number | null): Answer<void> {
    const companions = this.#companions();
    const all = [...addresses, ...companions.map(({ prefix }) => prefix)];
    const wanted = new Set(all.map(formatPrefix));
    const gone = [...this.#leased].flatMap(([text, prefix]) => (wanted.has(text) ? [] : [prefix]));
    for (const prefix of gone) this.#leased.delete(formatPrefix(prefix));
    for (const prefix of all) this.#leased.set(formatPrefix(prefix), prefix);
    const answers = [
      ...(gone.length > 0 ? [this.#owners.release(gone)] : []),
      this.#owners.lease(all, durationMs),
      this.#reachRoutes(this.#objects.portRoutes),
      this.#options.kernel.lease([], null),
    ];
    return firstFailure(await Promise.all(answers));
  }

  async release(addresses: readonly Prefix[]): Answer<void> {
    const companions = this.#companions().map(({ prefix }) => prefix);
    const gone = new Set(addresses.map(formatPrefix));
    const kept = new Set(companions.map(formatPrefix));
    const keepsSome = [...this.#leased.keys()].some((text) => !gone.has(text) && !kept.has(text));
    if (keepsSome) {
      // What a reload has made an excluded address of stays.
      const own = addresses.filter((prefix) => !kept.has(formatPrefix(prefix)));
      for (const prefix of own) this.#leased.delete(formatPrefix(prefix));
      return this.#owners.release(own);
    }
    const all = new Map(
      [...addresses, ...companions, ...this.#leased.values()].map((one) => [
        formatPrefix(one),
        one,
      ]),
    );
    this.#leased.clear();
    return firstFailure(
      await Promise.all([
        this.#owners.release([...all.values()]),
        this.#reachRoutes([]),
        this.#options.kernel.release([]),
      ]),
    );
  }

  announce(addresses: readonly Prefix[]): Answer<void> {
    return this.#owners.announce(addresses);
  }

  held(addresses: readonly Prefix[]): Answer<readonly Prefix[]> {
    return this.#owners.held(addresses);
  }

  /** Nobody takes addresses from the data plane behind our back. */
  beginCheck(): (places: Places) => readonly [] {
    return () => [];
  }

  heard(news: ObjectNews): void {
    this.#options.kernel.heard(news);
  }

  #companions(): readonly VirtualAddress[] {
    const { addresses, localAddresses } = this.#objects;
    return [...addresses.filter(({ isAdvertised }) => !isAdvertised), ...localAddresses];
  }

  #deviceOwners(): DeviceOwners {
    const { port, plane, ownerOn } = this.#options;
    return new DeviceOwners(port, this.#objects.localAddresses, (device) => {
      return new FollowingOwner(() => {
        const current = plane();
        return current === null ? null : ownerOn(current, device);
      });
    });
  }

  /** Every advert comes here: what is in place needs nothing. */
  async #reachRoutes(wanted: readonly PortRoute[]): Promise<Outcome> {
    this.#wanted = wanted;
    const plane = this.#options.plane();
    if (plane === null) {
      this.#routes = [];
      return wanted.length === 0 ? ok(undefined) : failure('the data plane does not answer');
    }
    // A data plane that was started again has none.
    const held = plane === this.#routedPlane ? this.#routes : [];
    if (plane === this.#routedPlane && held === wanted) return ok(undefined);
    const suspects = this.#mayHaveLeft ? this.#objects.portRoutes : [];
    this.#mayHaveLeft = false;
    this.#routes = wanted;
    this.#routedPlane = plane;
    const { gone, added } = routeChanges([...held, ...suspects], held, wanted);
    if (gone.length + added.length === 0) return ok(undefined);
    const applied = await plane.apply([
      ...gone.map((one): Change => ({ verb: 'remove_route', route: routeOf(one) })),
      ...added.map((one): Change => ({ verb: 'add_route', route: routeOf(one) })),
    ]);
    if (applied.isErr()) {
      // Whatever it has of them, it is asked again.
      this.#routes = [];
      this.#mayHaveLeft = true;
      return failure(describeDataplaneError(applied.error));
    }
    // What was not there cannot be removed, and need not.
    const refused = applied.value.filter(({ index }) => index >= gone.length);
    const [first] = refused;
    if (first === undefined) return ok(undefined);
    // Tried again with the next lease.
    const missing = new Set(refused.map(({ index }) => added[index - gone.length]));
    this.#routes = wanted.filter((one) => !missing.has(one));
    return failure(first.reason);
  }
}

/** The instance's part that is the kernel's. */
export function withoutAddresses(objects: InstanceObjects): InstanceObjects {
  return { ...objects, addresses: [] };
}

/** `possible` may be there, `held` is. One of another gateway takes the place of the old one. */
function routeChanges(
  possible: readonly PortRoute[],
  held: readonly PortRoute[],
  wanted: readonly PortRoute[],
): { readonly gone: readonly PortRoute[]; readonly added: readonly PortRoute[] } {
  const after = new Set(wanted.map(keyOf));
  const before = new Set(held.map(keyOf));
  const gone = new Map(possible.map((route) => [keyOf(route), route]));
  for (const key of after) gone.delete(key);
  return { gone: [...gone.values()], added: wanted.filter((one) => !before.has(keyOf(one))) };
}

function keyOf({ destination, gateway, device }: PortRoute): string {
  return `${formatPrefix(destination)} ${gateway} ${device}`;
}

function routeOf(route: PortRoute): Route {
  return { ...route, owner: 'vrrp' };
}

/** Virtual routes that nobody wants there: a daemon that was killed left them, or a broken line. */
export async function removeStrayRoutes(
  plane: Dataplane,
  wanted: readonly PortRoute[],
): Promise<Result<void, string>> {
  const routes = await plane.routes();
  if (routes.isErr()) return err(describeDataplaneError(routes.error));
  const known = new Set(wanted.map(keyOf));
  const strays = routes.value.filter((one) => one.owner === 'vrrp' && !known.has(keyOf(one)));
  if (strays.length === 0) return ok(undefined);
  const changes = strays.map((route) => ({ verb: 'remove_route', route }) as const);
  const applied = await plane.apply(changes);
  if (applied.isErr()) return err(describeDataplaneError(applied.error));
  const [refused] = applied.value;
  return refused === undefined ? ok(undefined) : err(refused.reason);
}

function firstFailure(outcomes: readonly Outcome[]): Outcome {
  return outcomes.find((outcome) => outcome.isErr()) ?? ok(undefined);
}

function failure(reason: string): Outcome {
  return err({ type: 'address_owner.failed', reason });
}
