// Addresses that are put on interfaces of the kernel for a routing daemon of the host: what is
// wanted against what was told.
import { formatPrefix } from '../../net/prefix.js';
import type { KernelAddress } from './announced-address.js';

export class KernelAddresses {
  readonly #told = new Map<string, KernelAddress>();
  /** Since the last telling; null: not wanted. */
  readonly #wishes = new Map<string, KernelAddress | null>();

  want(address: KernelAddress, isWanted: boolean): void {
    this.#wishes.set(keyOf(address), isWanted ? address : null);
  }

  takeChanges(): { readonly added: KernelAddress[]; readonly removed: KernelAddress[] } {
    const [added, removed]: [KernelAddress[], KernelAddress[]] = [[], []];
    for (const [key, wanted] of this.#wishes) {
      const told = this.#told.get(key);
      if (wanted !== null && told === undefined) {
        this.#told.set(key, wanted);
        added.push(wanted);
      } else if (wanted === null && told !== undefined) {
        this.#told.delete(key);
        removed.push(told);
      }
    }
    this.#wishes.clear();
    return { added, removed };
  }
}

export function isSameKernelAddress(left: KernelAddress, right: KernelAddress | null): boolean {
  return right !== null && keyOf(left) === keyOf(right);
}

function keyOf({ prefix, interface: name }: KernelAddress): string {
  return `${formatPrefix(prefix)} ${name}`;
}
