import fc from 'fast-check';
import t from 'tap';
import { type Damped, type DampingEvent, damp, undamped } from '../../src/health/damping.js';

const rules = { count: 4, windowMs: 60_000, holdMs: 30_000 };
type Timed = readonly [number, DampingEvent];
const up: DampingEvent = { type: 'verdict_reached', isUp: true };
const down: DampingEvent = { type: 'verdict_reached', isUp: false };
const tick: DampingEvent = { type: 'time_passed' };

function story(events: readonly Timed[], some = rules): readonly Damped[] {
  let state = undamped(true);
  return events.map(([atMs, event]) => {
    const damped = damp(some, state, event, atMs);
    state = damped.state;
    return damped;
  });
}

t.test('one that comes and goes is held down until it is steady', (t) => {
  const told = story([
    [0, down],
    [10_000, up],
    [20_000, down],
    [30_000, up],
    [40_000, down],
    [45_000, up],
    [74_999, tick],
    [75_000, tick],
    [80_000, down],
  ]);
  t.same(
    told.map(({ isUp }) => isUp),
    [false, true, false, false, false, false, false, true, false],
  );
  t.same(
    told.map(({ checkAtMs }) => checkAtMs),
    [null, null, null, 60_000, 70_000, 75_000, 75_000, null, null],
  );
  t.same(
    told.flatMap(({ news }) => news ?? []),
    [
      'changed 4 times within 60 s: it is held down until it is steady for 30 s',
      'has been up for 30 s: it is held down no more',
    ],
  );
  t.end();
});

t.test('one that stays down is set free as well, and stays down', (t) => {
  const told = story([
    [0, down],
    [1, up],
    [2, down],
    [3, up],
    [4, down],
    [30_004, down],
    [40_000, up],
  ]);
  t.match(told[5], { isUp: false, news: /^has been down for 30 s/, checkAtMs: null });
  t.match(told[6], { isUp: true, news: null });
  t.end();
});

t.test('changes that lie apart are none of its business', (t) => {
  const slow = Array.from({ length: 50 }, (_, index): Timed => {
    return [index * 20_001, index % 2 === 0 ? down : up];
  });
  t.notOk(story(slow).some(({ state }) => state.phase === 'held'));
  t.end();
});

const anyRules = fc.record({
  count: fc.integer({ min: 2, max: 10 }),
  windowMs: fc.integer({ min: 1, max: 10_000 }),
  holdMs: fc.integer({ min: 1, max: 10_000 }),
});
const anyEvents = fc
  .array(fc.tuple(fc.nat(3000), fc.constantFrom(up, down, tick)), { maxLength: 200 })
  .map((gaps) => {
    let atMs = 0;
    return gaps.map(([gap, event]): Timed => {
      atMs += gap;
      return [atMs, event];
    });
  });

/** When the verdict changed, counted without any machine. */
function changesOf(events: readonly Timed[]): readonly number[] {
  let isUp = true;
  return events.flatMap(([atMs, event]) => {
    if (event.type === 'time_passed' || event.isUp === isUp) return [];
    isUp = event.isUp;
    return [atMs];
  });
}

t.test('it never holds one that changes less often, and remembers little', (t) => {
  fc.assert(
    fc.property(anyRules, anyEvents, (some, events) => {
      const changes = changesOf(events);
      const flaps = changes.some((atMs, index) => {
        const last = changes[index + some.count - 1];
        return last !== undefined && last - atMs <= some.windowMs;
      });
      return story(events, some).every(({ state, isUp }) => {
        if (state.changesMs.length > some.count) return false;
        if (isUp && !state.isUp) return false;
        return flaps || (state.phase === 'free' && isUp === state.isUp);
      });
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test('it lets go: steady for long enough is free', (t) => {
  fc.assert(
    fc.property(anyRules, anyEvents, (some, events) => {
      const lastMs = events.at(-1)?.[0] ?? 0;
      const told = story([...events, [lastMs + some.holdMs, tick]], some);
      const { state, isUp, checkAtMs } = told.at(-1) ?? {};
      return state?.phase === 'free' && isUp === state.isUp && checkAtMs === null;
    }),
    { numRuns: 300 },
  );
  t.end();
});
