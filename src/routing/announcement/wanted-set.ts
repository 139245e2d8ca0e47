// What one instance is to announce: of each prefix what the best of its addresses wants. Values
// that stay the same stay the same object, and a set that did not change says so.
import { formatPrefix, type Prefix } from '../../net/prefix.js';

type Wish<T> = { readonly owner: string; readonly rank: number; readonly value: T };

export class WantedSet<T extends { readonly prefix: Prefix }> {
  /** By prefix, best first. */
  readonly #wishes = new Map<string, readonly Wish<T>[]>();
  readonly #wanted = new Map<string, T>();
  #isChanged = false;

  /** The owner's only wish for this prefix; null: it has none any more. */
  set(owner: string, prefix: Prefix, wish: { readonly rank: number; readonly value: T } | null) {
    const key = formatPrefix(prefix);
    const others = (this.#wishes.get(key) ?? []).filter((one) => one.owner !== owner);
    const all = wish === null ? others : inOrder([...others, { owner, ...wish }]);
    if (all.length === 0) this.#wishes.delete(key);
    else this.#wishes.set(key, all);
    this.#want(key, all[0]?.value);
  }

  get(prefix: Prefix): T | null {
    return this.#wanted.get(formatPrefix(prefix)) ?? null;
  }

  /** null: nothing has changed since the last time. */
  takeIfChanged(): readonly T[] | null {
    if (!this.#isChanged) return null;
    this.#isChanged = false;
    return [...this.#wanted.values()];
  }

  #want(key: string, value: T | undefined): void {
    const before = this.#wanted.get(key);
    if (value === undefined) {
      if (this.#wanted.delete(key)) this.#isChanged = true;
      return;
    }
    if (before !== undefined && isSame(before, value)) return;
    this.#wanted.set(key, value);
    this.#isChanged = true;
  }
}

/** Of equals the first owner by name: the answer must not depend on who came first. */
function inOrder<T>(wishes: readonly Wish<T>[]): readonly Wish<T>[] {
  return wishes.toSorted(
    (left, right) => left.rank - right.rank || (left.owner < right.owner ? -1 : 1),
  );
}

function isSame(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}
