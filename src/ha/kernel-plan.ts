// What is in the kernel and what shall be -> the changes, in an order that leaves no gap: what is
// new comes first, addresses before the routes and rules that need them; what goes, goes the other
// way round. Pure.
import type { AddressObject } from '../config/kernel-address.js';
import type { RouteObject } from '../config/kernel-route.js';
import type { RuleObject } from '../config/kernel-rule.js';
import { formatPrefix, type Prefix } from '../net/prefix.js';
import type { KernelRoute } from '../ports/kernel-objects.js';

export type KernelObject =
  | ({ readonly type: 'address' } & AddressObject)
  | ({ readonly type: 'route' } & RouteObject)
  | ({ readonly type: 'rule' } & RuleObject);

export type ObjectChange =
  | { readonly type: 'put'; readonly object: KernelObject; readonly replaces: boolean }
  | { readonly type: 'remove'; readonly object: KernelObject };

export type ObjectSet = {
  readonly addresses: readonly AddressObject[];
  readonly routes: readonly RouteObject[];
  readonly rules: readonly RuleObject[];
};

/** In the order in which they are put. */
export function objectsOf({ addresses, routes, rules }: ObjectSet): readonly KernelObject[] {
  return [
    ...addresses.map((address) => ({ type: 'address', ...address }) as const),
    ...routes.map((route) => ({ type: 'route', ...route }) as const),
    ...rules.map((rule) => ({ type: 'rule', ...rule }) as const),
  ];
}

/** Two objects with one key cannot be in the kernel at once: one takes the place of the other. */
export function keyOf(object: KernelObject): string {
  switch (object.type) {
    case 'address':
      return `address ${object.device} ${formatPrefix(prefixInKernel(object))}`;
    case 'route':
      return `route ${routeKey(object.route)}`;
    case 'rule':
      return `rule ${JSON.stringify(object.rule)}`;
  }
}

function routeKey({ family, destination, table, priority, tos }: KernelRoute): string {
  return `${family} ${formatPrefix(destination)} ${table} ${priority} ${tos}`;
}

/** As the kernel lists it: of a point-to-point address the length is that of the other end. */
export function prefixInKernel({ prefix, attributes }: AddressObject): Prefix {
  return { address: prefix.address, length: (attributes.peer ?? prefix).length };
}

export function planObjects(
  held: readonly KernelObject[],
  wanted: readonly KernelObject[],
): readonly ObjectChange[] {
  const before = new Map(held.map((object) => [keyOf(object), object]));
  const after = new Map(wanted.map((object) => [keyOf(object), object]));
  const gone = held.filter((object) => !after.has(keyOf(object)));
  return [
    ...[...after].flatMap(([key, object]) => changesTo(before.get(key), object)),
    ...(['rule', 'route', 'address'] as const).flatMap((type) =>
      gone.filter((object) => object.type === type).map((object) => removal(object)),
    ),
  ];
}

function changesTo(before: KernelObject | undefined, object: KernelObject): ObjectChange[] {
  const put = { type: 'put', object, replaces: before !== undefined } as const;
  if (before === undefined) return [put];
  if (isSameInKernel(before, object)) return [];
  // The kernel changes nothing of an address that is there but its lifetime.
  return object.type === 'address' ? [removal(before), { ...put, replaces: false }] : [put];
}

/** What is only of our own interest does not count. */
function isSameInKernel(left: KernelObject, right: KernelObject): boolean {
  const inKernel = (object: KernelObject): unknown =>
    object.type === 'address' ? object.attributes : object.type === 'route' ? object.route : null;
  return JSON.stringify(inKernel(left)) === JSON.stringify(inKernel(right));
}

function removal(object: KernelObject): ObjectChange {
  return { type: 'remove', object };
}
