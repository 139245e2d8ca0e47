import fc from 'fast-check';
import t from 'tap';
import { type SlowStart, slowWeight } from '../../src/health/slow-start.js';

const start = (parts: Partial<SlowStart> = {}): SlowStart => ({
  weight: 100,
  upSinceMs: 1000,
  slowStartMs: 90_000,
  ...parts,
});

t.test('a tenth at first, all of it in the end', (t) => {
  t.same(slowWeight(start(), 1000), { weight: 10, changesAtMs: 11_000 });
  t.same(slowWeight(start(), 10_999), { weight: 10, changesAtMs: 11_000 });
  t.same(slowWeight(start(), 11_000), { weight: 20, changesAtMs: 21_000 });
  t.same(slowWeight(start(), 90_999), { weight: 90, changesAtMs: 91_000 });
  t.same(slowWeight(start(), 91_000), { weight: 100, changesAtMs: null });
  t.end();
});

t.test('a small weight rises when it is more, never below 1', (t) => {
  const small = start({ weight: 3 });
  t.same(slowWeight(small, 1000), { weight: 1, changesAtMs: 61_000 });
  t.same(slowWeight(small, 61_000), { weight: 2, changesAtMs: 91_000 });
  t.same(slowWeight(start({ weight: 1 }), 1000), { weight: 1, changesAtMs: null });
  t.same(slowWeight(start({ weight: 0 }), 1000), { weight: 0, changesAtMs: null });
  t.end();
});

t.test('no slow start: all of it at once', (t) => {
  t.same(slowWeight(start({ slowStartMs: 0 }), 1000), { weight: 100, changesAtMs: null });
  t.same(slowWeight(start({ upSinceMs: null }), 0), { weight: 100, changesAtMs: null });
  t.end();
});

const anyStart = fc.record({
  weight: fc.integer({ min: 0, max: 65_535 }),
  upSinceMs: fc.double({ min: 0, max: 1e10, noNaN: true }),
  slowStartMs: fc.double({ min: 0.001, max: 86_400_000, noNaN: true }),
});

t.test('it never falls, and follows its own timetable to exactly the full weight', (t) => {
  fc.assert(
    fc.property(anyStart, (one) => {
      let nowMs = one.upSinceMs;
      let before = slowWeight(one, nowMs);
      if (one.weight > 0 && before.weight < 1) return false;
      if (before.weight < Math.floor(one.weight / 10)) return false;
      let changes = 0;
      while (before.changesAtMs !== null) {
        if (before.changesAtMs <= nowMs || ++changes > 10) return false;
        const middle = slowWeight(one, (nowMs + before.changesAtMs) / 2);
        nowMs = before.changesAtMs;
        const next = slowWeight(one, nowMs);
        if (next.weight <= before.weight) return false;
        if (middle.weight < before.weight || middle.weight > next.weight) return false;
        before = next;
      }
      const isInTime = nowMs <= one.upSinceMs + Math.ceil(one.slowStartMs);
      return before.weight === one.weight && isInTime;
    }),
    { numRuns: 500 },
  );
  t.end();
});
