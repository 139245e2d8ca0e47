// What distinguishes two lists of objects with identities: the added, the replaced and the removed
// of the running list, as far as they belong to `config`.
import { serviceName } from './service-name.js';
import type { Owner, ServiceKey } from './state.js';

type Owned = { readonly owner: Owner | 'vrrp' };
type OfService = Owned & { readonly service: ServiceKey };

/** How objects of one kind are told apart, and when two with one identity are the same. */
export type Rules<T> = {
  readonly identity: (object: T) => string;
  /** Equal identities, without making the strings. */
  readonly isOne: (left: T, right: T) => boolean;
  readonly isSame: (left: T, right: T) => boolean;
};

export class Difference<T extends Owned> {
  readonly added: T[] = [];
  readonly replaced: { readonly from: T; readonly to: T }[] = [];
  readonly removed: T[] = [];
  readonly #rules: Rules<T>;

  constructor(rules: Rules<T>) {
    this.#rules = rules;
  }

  get replacedFrom(): readonly T[] {
    return this.replaced.map(({ from }) => from);
  }

  get replacedTo(): readonly T[] {
    return this.replaced.map(({ to }) => to);
  }

  /**
   * Most plans change little: what stands at the same place from the front or from the back of both
   * lists is compared without a table.
   */
  compare(running: readonly T[], desired: readonly T[]): this {
    const { isOne } = this.#rules;
    const shorter = Math.min(running.length, desired.length);
    const isOneAt = (left: number, right: number): boolean => {
      const before = running[left];
      const after = desired[right];
      if (before === undefined || after === undefined || !isOne(before, after)) return false;
      this.#pair(before, after);
      return true;
    };
    let front = 0;
    while (front < shorter && isOneAt(front, front)) front++;
    let back = 0;
    while (
      front + back < shorter &&
      isOneAt(running.length - 1 - back, desired.length - 1 - back)
    ) {
      back++;
    }
    this.#compareByTable(
      running.slice(front, running.length - back),
      desired.slice(front, desired.length - back),
    );
    return this;
  }

  #compareByTable(running: readonly T[], desired: readonly T[]): void {
    const { identity } = this.#rules;
    const wanted = new Map(desired.map((object) => [identity(object), object]));
    for (const before of running) {
      const key = identity(before);
      const after = wanted.get(key);
      wanted.delete(key);
      if (after !== undefined) this.#pair(before, after);
      else if (before.owner === 'config') this.removed.push(before);
    }
    for (const after of wanted.values()) this.added.push(after);
  }

  #pair(before: T, after: T): void {
    if (before.owner !== 'config' || this.#rules.isSame(before, after)) return;
    this.replaced.push({ from: before, to: after });
  }
}

/** The rules of `difference` tell the objects of one service apart. */
export function compareByService<T extends OfService>(
  difference: Difference<T>,
  running: readonly T[],
  desired: readonly T[],
): Difference<T> {
  const runningOf = groupByService(running);
  const desiredOf = groupByService(desired);
  for (const [service, objects] of desiredOf) {
    difference.compare(runningOf.get(service) ?? [], objects);
    runningOf.delete(service);
  }
  for (const objects of runningOf.values()) difference.compare(objects, []);
  return difference;
}

/** Objects of one service mostly follow each other: only the first of them looks its group up. */
function groupByService<T extends OfService>(objects: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  let previous: ServiceKey | null = null;
  let group: T[] = [];
  for (const object of objects) {
    if (previous === null || !isOneService(previous, object.service)) {
      previous = object.service;
      const identity = serviceIdentity(object.service);
      group = groups.get(identity) ?? [];
      groups.set(identity, group);
    }
    group.push(object);
  }
  return groups;
}

export function serviceIdentity(key: ServiceKey): string {
  if ('match' in key) return serviceName(key);
  return `${key.protocol} ${key.address} ${key.port}`;
}

export function isOneService(left: ServiceKey, right: ServiceKey): boolean {
  if (left === right) return true;
  if ('match' in left || 'match' in right) return serviceIdentity(left) === serviceIdentity(right);
  const { address, port, protocol } = right;
  return left.address === address && left.port === port && left.protocol === protocol;
}
