import fc from 'fast-check';
import t from 'tap';
import type { TrackedKind, TrackedThing } from '../../../src/config/tracking.js';
import { effectivePriority } from '../../../src/ha/tracking/effective-priority.js';
import { factKey } from '../../../src/ha/tracking/facts.js';

const thing = (kind: TrackedKind, weight: number, isReversed = false): TrackedThing => ({
  kind,
  name: 'x',
  weight,
  isReversed,
});

function effect(one: TrackedThing, value: number | undefined, base = 100) {
  return effectivePriority(base, [one], { get: () => value });
}

t.test('weights, as keepalived 2.2.7 was seen to count them', (t) => {
  const rows: readonly (readonly [TrackedThing, number, number])[] = [
    [thing('script', 10), 1, 110],
    [thing('script', 10), 0, 100],
    [thing('script', -7), 1, 100],
    [thing('script', -7), 0, 93],
    [thing('script', 10, true), 1, 90],
    [thing('script', 10, true), 0, 100],
    [thing('script', -7, true), 1, 100],
    [thing('script', -7, true), 0, 107],
    [thing('interface', 20, true), 1, 80],
    [thing('interface', 20, true), 0, 100],
    [thing('interface', -20, true), 1, 100],
    [thing('interface', -20, true), 0, 120],
    [thing('process', -20, true), 0, 120],
    [thing('process', 254), 1, 254],
    [thing('file', 2), 7, 114],
    [thing('file', 2), 400, 254],
    [thing('file', 1), -3, 97],
    [thing('file', 2, true), -3, 106],
    [thing('file', 2, true), 5, 90],
    [thing('file', 1), -253, 1],
  ];
  for (const [one, value, priority] of rows) {
    t.same(effect(one, value), { priority, faults: [], unknown: [] }, JSON.stringify([one, value]));
  }
  t.end();
});

t.test('no weight, or less than -253, is a FAULT with its reason', (t) => {
  t.same(effect(thing('script', 0), 0).faults, ['tracked script x is down']);
  t.same(effect(thing('script', 0), 1).faults, []);
  t.same(effect(thing('process', 0, true), 1).faults, ['tracked process x is up']);
  t.same(effect(thing('process', 0, true), 0).faults, []);
  t.same(effect(thing('file', 0), 3).faults, ['tracked file x holds 3']);
  t.same(effect(thing('file', 0), 0).faults, []);
  t.same(effect(thing('file', 0, true), 0).faults, ['tracked file x holds 0']);
  t.same(effect(thing('file', 1), -300), {
    priority: 100,
    faults: ['tracked file x holds -300'],
    unknown: [],
  });
  t.end();
});

t.test('what is not known counts nothing; without a weight it is waited for', (t) => {
  t.same(effect(thing('script', -7), undefined), { priority: 100, faults: [], unknown: [] });
  t.same(effect(thing('script', 0), undefined).unknown, ['tracked script x is not known yet']);
  t.end();
});

const anyThing = fc.record({
  kind: fc.constantFrom<TrackedKind[]>('interface', 'script', 'file', 'process', 'bfd'),
  name: fc.constantFrom('a', 'b', 'c'),
  weight: fc.integer({ min: -254, max: 254 }),
  isReversed: fc.boolean(),
});

t.test('whatever is tracked, a priority stays one, and an owner keeps its own', (t) => {
  const world = fc.tuple(
    fc.integer({ min: 1, max: 255 }),
    fc.array(anyThing, { maxLength: 20 }),
    fc.array(fc.tuple(anyThing, fc.integer()), { maxLength: 20 }),
  );
  fc.assert(
    fc.property(world, ([base, tracked, known]) => {
      const facts = new Map(known.map(([{ kind, name }, value]) => [factKey(kind, name), value]));
      const { priority, faults, unknown } = effectivePriority(base, tracked, {
        get: ({ kind, name }) => facts.get(factKey(kind, name)),
      });
      const isRight = base === 255 ? priority === 255 : priority >= 1 && priority <= 254;
      return isRight && faults.length + unknown.length <= tracked.length;
    }),
  );
  t.pass('held');
  t.end();
});
