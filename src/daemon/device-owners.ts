// The kernel interfaces that hold one instance's virtual addresses: the instance's own, and others
// where `virtual_ipaddress` says `dev`. Each call goes to every device that it concerns.
import { ok, type Result } from 'neverthrow';
import type { VirtualAddress } from '../config/vrrp.js';
import { formatPrefix, type Prefix } from '../net/prefix.js';
import type { AddressOwner, AddressOwnerError } from '../ports/address-owner.js';

type Answer<T> = Promise<Result<T, AddressOwnerError>>;

export class DeviceOwners implements AddressOwner {
  readonly #open: (device: string) => AddressOwner;
  readonly #owners = new Map<string, AddressOwner>();
  readonly #interface: string;
  readonly #deviceOf: ReadonlyMap<string, string>;

  /** Addresses that are not among `addresses` live on `interfaceName`. */
  constructor(
    interfaceName: string,
    addresses: readonly VirtualAddress[],
    open: (device: string) => AddressOwner,
  ) {
    this.#interface = interfaceName;
    this.#open = open;
    this.#deviceOf = new Map(addresses.map(({ prefix, device }) => [formatPrefix(prefix), device]));
  }

  lease(addresses: readonly Prefix[], durationMs: number | null): Answer<void> {
    return this.#each(addresses, (owner, own) => owner.lease(own, durationMs));
  }

  release(addresses: readonly Prefix[]): Answer<void> {
    return this.#each(addresses, (owner, own) => owner.release(own));
  }

  announce(addresses: readonly Prefix[]): Answer<void> {
    return this.#each(addresses, (owner, own) => owner.announce(own));
  }

  async held(addresses: readonly Prefix[]): Answer<readonly Prefix[]> {
    const held: Prefix[] = [];
    for (const [owner, own] of this.#byOwner(addresses)) {
      const answer = await owner.held(own);
      if (answer.isErr()) return answer;
      held.push(...answer.value);
    }
    return ok(held);
  }

  /** All devices at once; the first failure is the answer. */
  async #each(
    addresses: readonly Prefix[],
    ask: (owner: AddressOwner, own: readonly Prefix[]) => Answer<void>,
  ): Answer<void> {
    const answers = await Promise.all(
      [...this.#byOwner(addresses)].map(([owner, own]) => ask(owner, own)),
    );
    return answers.find((answer) => answer.isErr()) ?? ok(undefined);
  }

  #byOwner(addresses: readonly Prefix[]): ReadonlyMap<AddressOwner, readonly Prefix[]> {
    const groups = new Map<AddressOwner, Prefix[]>();
    for (const prefix of addresses) {
      const owner = this.#ownerOf(this.#deviceOf.get(formatPrefix(prefix)) ?? this.#interface);
      const group = groups.get(owner);
      if (group === undefined) groups.set(owner, [prefix]);
      else group.push(prefix);
    }
    return groups;
  }

  #ownerOf(device: string): AddressOwner {
    const known = this.#owners.get(device);
    if (known !== undefined) return known;
    const owner = this.#open(device);
    this.#owners.set(device, owner);
    return owner;
  }
}
