// What one instance is to announce: of each prefix what the best of its addresses wants. Values
// that stay the same stay the same object, and a set that did not change says so.
import { formatPrefix, type Prefix } from '../../net/prefix.js';

type Wish<T> = { readonly owner: string; readonly rank: number; readonly value: T };

export class WantedSet<T extends { readonly prefix: Prefix }> {
  /** By prefix, best first. */
  readonly #wishes = new Map<string, readonly Wish<T>[]>();
  readonly #wanted = new Map<string, T>();
  /** What was told of each prefix that was touched since; undefined: nothing. */
  readonly #touched = new Map<string, T | undefined>();

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

  /** null: nothing has changed since the last time; what changed back was not told. */
  takeIfChanged(): readonly T[] | null {
    let isChanged = false;
    for (const [key, told] of this.#touched) {
      const wanted = this.#wanted.get(key);
      if (isSame(told, wanted)) this.#put(key, told);
      else isChanged = true;
    }
    this.#touched.clear();
    return isChanged ? [...this.#wanted.values()] : null;
  }

  #want(key: string, value: T | undefined): void {
    const before = this.#wanted.get(key);
    if (isSame(before, value)) return;
    if (!this.#touched.has(key)) this.#touched.set(key, before);
    this.#put(key, value);
  }

  #put(key: string, value: T | undefined): void {
    if (value === undefined) this.#wanted.delete(key);
    else this.#wanted.set(key, value);
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
