import fc from 'fast-check';
import t from 'tap';
import type { AddressObject } from '../../src/config/kernel-address.js';
import type { RouteObject } from '../../src/config/kernel-route.js';
import type { RuleObject } from '../../src/config/kernel-rule.js';
import { type KernelObject, keyOf, objectsOf, planObjects } from '../../src/ha/kernel-plan.js';
import { address, route, rule } from './kernel-samples.js';

function set(
  addresses: readonly AddressObject[],
  routes: readonly RouteObject[] = [],
  rules: readonly RuleObject[] = [],
): readonly KernelObject[] {
  return objectsOf({ addresses, routes, rules });
}

function words(held: readonly KernelObject[], wanted: readonly KernelObject[]): string[] {
  return planObjects(held, wanted).map((change) => {
    const { object } = change;
    const name =
      object.type === 'address'
        ? `${object.prefix.address} on ${object.device}`
        : object.type === 'route'
          ? `route ${object.route.destination.address}`
          : `rule ${object.rule.priority}`;
    const verb = change.type === 'put' && change.replaces ? 'replace' : change.type;
    return `${verb} ${name}`;
  });
}

t.test('what comes, comes in order; what goes, goes the other way round', (t) => {
  const all = set([address('192.0.2.1'), address('192.0.2.2')], [route('10.0.0.0/8')], [rule(5)]);
  t.strictSame(words([], all), [
    'put 192.0.2.1 on eth0',
    'put 192.0.2.2 on eth0',
    'put route 10.0.0.0',
    'put rule 5',
  ]);
  t.strictSame(words(all, []), [
    'remove rule 5',
    'remove route 10.0.0.0',
    'remove 192.0.2.1 on eth0',
    'remove 192.0.2.2 on eth0',
  ]);
  t.strictSame(words(all, all), []);
  t.end();
});

t.test('the new address is there before the old one goes', (t) => {
  t.strictSame(words(set([address('192.0.2.1')]), set([address('192.0.2.2')])), [
    'put 192.0.2.2 on eth0',
    'remove 192.0.2.1 on eth0',
  ]);
  const moved = set([address('192.0.2.1', { device: 'eth1' })]);
  t.strictSame(words(set([address('192.0.2.1')]), moved), [
    'put 192.0.2.1 on eth1',
    'remove 192.0.2.1 on eth0',
  ]);
  t.end();
});

t.test('a route is replaced in place, an address is not', (t) => {
  const before = route('10.0.0.0/8');
  const changed = route('10.0.0.0/8', { metrics: { mtu: 1400 } });
  t.strictSame(words(set([], [before]), set([], [changed])), ['replace route 10.0.0.0']);
  const elsewhere = route('10.0.0.0/8', { table: 5 });
  t.strictSame(words(set([], [before]), set([], [elsewhere])), [
    'put route 10.0.0.0',
    'remove route 10.0.0.0',
  ]);
  const { attributes } = address('192.0.2.1');
  const labelled = address('192.0.2.1', { attributes: { ...attributes, label: 'eth0:1' } });
  t.strictSame(words(set([address('192.0.2.1')]), set([labelled])), [
    'remove 192.0.2.1 on eth0',
    'put 192.0.2.1 on eth0',
  ]);
  const unwatched = address('192.0.2.1', { isTracked: false });
  t.strictSame(words(set([address('192.0.2.1')]), set([unwatched])), []);
  t.end();
});

t.test('applying the plan of a and b to a gives b', (t) => {
  const anyObjects = fc
    .record({
      addresses: fc.uniqueArray(fc.constantFrom(1, 2, 3, 4)),
      labels: fc.boolean(),
      routes: fc.uniqueArray(fc.constantFrom(1, 2, 3)),
      mtu: fc.constantFrom(1400, 1500),
      rules: fc.uniqueArray(fc.constantFrom(1, 2, 3)),
    })
    .map(({ addresses, labels, routes, mtu, rules }) =>
      set(
        addresses.map((one) => {
          const plain = address(`192.0.2.${one}`);
          const label = labels ? 'eth0:1' : null;
          return { ...plain, attributes: { ...plain.attributes, label } };
        }),
        routes.map((one) => route(`10.${one}.0.0/16`, { metrics: { mtu } })),
        rules.map((one) => rule(one)),
      ),
    );
  fc.assert(
    fc.property(anyObjects, anyObjects, (before, after) => {
      const kernel = new Map(before.map((object) => [keyOf(object), object]));
      for (const { type, object } of planObjects(before, after)) {
        if (type === 'put') kernel.set(keyOf(object), object);
        else kernel.delete(keyOf(object));
      }
      const sorted = (objects: readonly KernelObject[]) =>
        objects.map((object) => JSON.stringify(object)).toSorted();
      t.strictSame(sorted([...kernel.values()]), sorted(after));
    }),
    { numRuns: 200 },
  );
  t.end();
});
