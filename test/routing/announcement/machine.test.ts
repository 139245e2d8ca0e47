import t from 'tap';
import {
  type AddressEvent,
  type AddressMemory,
  type AddressState,
  deadlineOf,
  eventOf,
  isAnnouncedIn,
  step,
  unannounced,
} from '../../../src/routing/announcement/machine.js';

const rules = { holdDownMs: 5_000, holdDownMaxMs: 40_000, drainMs: 30_000 };
const up: AddressEvent = { type: 'judged_up' };
const degraded: AddressEvent = { type: 'judged_degraded' };
const down: AddressEvent = { type: 'judged_down' };
const drained: AddressEvent = { type: 'drained' };
const undrained: AddressEvent = { type: 'undrained' };
const timePassed: AddressEvent = { type: 'time_passed' };

/** What becomes of [milliseconds, event] in their order, from the start. */
function after(...events: readonly (readonly [number, AddressEvent])[]): AddressMemory {
  return events.reduce((memory, [nowMs, event]) => step(rules, memory, event, nowMs), unannounced);
}

/** In each state as it comes about. */
const examples: Readonly<Record<AddressState, AddressMemory>> = {
  down: after([0, up], [10, down]),
  held: after([0, up], [10, down], [20, up]),
  healthy: after([0, up]),
  degraded: after([0, degraded]),
  draining: after([0, up], [10, drained]),
  maintenance: after([0, up], [10, drained], [30_010, timePassed]),
};

t.test('every state and event', (t) => {
  const expected: Readonly<Record<AddressState, readonly AddressState[]>> = {
    //          up         degraded       down           drained        undrained  time (early)
    down: ['held', 'held', 'down', 'maintenance', 'down', 'down'],
    held: ['held', 'held', 'down', 'maintenance', 'held', 'held'],
    healthy: ['healthy', 'degraded', 'down', 'draining', 'healthy', 'healthy'],
    degraded: ['degraded', 'degraded', 'down', 'draining', 'degraded', 'degraded'],
    draining: ['draining', 'draining', 'maintenance', 'draining', 'healthy', 'draining'],
    maintenance: [
      'maintenance',
      'maintenance',
      'maintenance',
      'maintenance',
      'healthy',
      'maintenance',
    ],
  };
  for (const [state, memory] of Object.entries(examples)) {
    t.equal(memory.state, state, `${state} is reached`);
    const nowMs = state === 'maintenance' ? 30_020 : 30;
    const reached = [up, degraded, down, drained, undrained, timePassed].map(
      (event) => step(rules, memory, event, nowMs).state,
    );
    t.same(reached, expected[state as AddressState], state);
  }
  t.end();
});

t.test('the first announcement waits for nothing', (t) => {
  t.equal(after([0, up]).state, 'healthy');
  t.equal(after([0, down], [1, up]).state, 'healthy', 'also when checks come up later');
  t.equal(after([0, down], [1, degraded]).state, 'degraded');
  t.end();
});

t.test('after a withdrawal it must be up for the whole hold-down', (t) => {
  const held = after([0, up], [100, down], [200, up]);
  t.equal(deadlineOf(rules, held), 5_200);
  t.equal(step(rules, held, timePassed, 5_199).state, 'held');
  t.equal(step(rules, held, timePassed, 5_200).state, 'healthy');
  const again = after([0, up], [100, down], [200, up], [300, down], [400, up]);
  t.equal(deadlineOf(rules, again), 5_400, 'anew each time, and unseen changes do not count');
  const worse = step(rules, held, degraded, 5_200);
  t.equal(worse.state, 'degraded', 'announced as what it is by then');
  t.end();
});

t.test('the hold-down doubles up to its maximum, and forgets', (t) => {
  let memory = after([0, up]);
  let nowMs = 0;
  const holds: number[] = [];
  for (let flap = 0; flap < 6; flap += 1) {
    memory = step(rules, memory, down, nowMs + 1);
    nowMs += 2;
    memory = step(rules, memory, up, nowMs);
    const dueMs = deadlineOf(rules, memory) ?? 0;
    holds.push(dueMs - nowMs);
    nowMs = dueMs;
    memory = step(rules, memory, timePassed, nowMs);
    t.equal(memory.state, 'healthy');
  }
  t.same(holds, [5_000, 10_000, 20_000, 40_000, 40_000, 40_000]);
  t.equal(memory.flaps, 4, 'no more than reach the maximum');
  const later = step(rules, memory, down, (memory.flappedAtMs ?? 0) + 80_000);
  t.equal(later.holdMs, 20_000, 'two longest hold-downs since the last: two are forgotten');
  const muchLater = step(rules, memory, down, nowMs + 10_000_000);
  t.equal(muchLater.holdMs, 5_000);
  t.end();
});

t.test('no hold-down where none is wanted', (t) => {
  const none = { holdDownMs: 0, holdDownMaxMs: 0, drainMs: 0 };
  let memory = unannounced;
  for (const event of [up, down, up]) memory = step(none, memory, event, 1);
  t.equal(memory.state, 'healthy');
  t.equal(step(none, memory, drained, 2).state, 'maintenance', 'nor a time to drain');
  t.end();
});

t.test('a reload may shorten what is waited for', (t) => {
  const held = after([0, up], [100, down], [200, up]);
  t.equal(deadlineOf({ ...rules, holdDownMs: 100, holdDownMaxMs: 300 }, held), 500);
  t.end();
});

t.test('degraded at once, healthy again after the hold-down', (t) => {
  const memory = after([0, up], [10, degraded], [20, up]);
  t.equal(memory.state, 'degraded');
  t.equal(deadlineOf(rules, memory), 5_020);
  t.equal(step(rules, memory, timePassed, 5_020).state, 'healthy');
  const relapsed = step(rules, memory, degraded, 5_000);
  t.equal(deadlineOf(rules, relapsed), null, 'it waits anew');
  t.equal(relapsed.flaps, 0, 'nothing was withdrawn');
  t.end();
});

t.test('drained: less preferred first, gone when the time is over', (t) => {
  const draining = after([0, up], [10, drained]);
  t.equal(deadlineOf(rules, draining), 30_010);
  t.equal(step(rules, draining, timePassed, 30_009).state, 'draining');
  t.equal(step(rules, draining, timePassed, 30_010).state, 'maintenance');
  t.equal(step(rules, draining, up, 30_010).state, 'maintenance');
  t.equal(step(rules, draining, down, 11).state, 'maintenance', 'down still counts at once');
  t.equal(step(rules, step(rules, draining, degraded, 20), undrained, 30).state, 'degraded');
  t.end();
});

t.test('back from maintenance: by the facts of now, and what is left of a hold-down', (t) => {
  const { maintenance } = examples;
  t.equal(step(rules, step(rules, maintenance, down, 40_000), undrained, 40_001).state, 'down');
  t.equal(
    step(rules, step(rules, maintenance, degraded, 40_000), undrained, 40_001).state,
    'degraded',
  );
  const flapped = after([0, up], [10, down], [20, drained], [30, up], [40, undrained]);
  t.equal(flapped.state, 'held');
  t.equal(deadlineOf(rules, flapped), 5_030);
  t.end();
});

t.test('what is not known changes nothing', (t) => {
  t.equal(eventOf('unknown'), null);
  t.same(eventOf('degraded'), degraded);
  t.same(
    Object.keys(examples).filter((state) => isAnnouncedIn(state as AddressState)),
    ['healthy', 'degraded', 'draining'],
  );
  t.end();
});
