import fc from 'fast-check';
import t from 'tap';
import {
  type Judgement,
  type JudgeState,
  judge,
  type ProbeEvent,
  unchecked,
} from '../../src/health/judge.js';

const settings = { retry: 2, delayBeforeRetryMs: 1000, delayLoopMs: 60_000 };
const states = {
  unknown: unchecked({ retry: 2, startsDown: false }, true),
  'unknown after a reload': unchecked({ retry: 2, startsDown: false }, false),
  'unknown, tried once': { phase: 'unknown', retriesUsed: 1 },
  up: { phase: 'up', retriesUsed: 0 },
  'retrying once': { phase: 'retrying', retriesUsed: 1 },
  'retrying twice': { phase: 'retrying', retriesUsed: 2 },
  down: { phase: 'down', retriesUsed: 0 },
} as const satisfies Record<string, JudgeState>;

function judgement(
  state: keyof typeof states,
  verdict: Judgement['verdict'],
  nextProbeMs: number,
): Judgement {
  return { state: states[state], verdict, nextProbeMs };
}

const table: readonly [keyof typeof states, ProbeEvent, Judgement][] = [
  ['unknown', 'probe_succeeded', judgement('up', 'up', 60_000)],
  ['unknown', 'probe_failed', judgement('down', 'down', 60_000)],
  ['unknown', 'probe_advanced', judgement('unknown after a reload', null, 60_000)],
  ['unknown', 'probe_hurried', judgement('unknown after a reload', null, 0)],
  ['unknown after a reload', 'probe_succeeded', judgement('up', 'up', 60_000)],
  ['unknown after a reload', 'probe_failed', judgement('unknown, tried once', null, 1000)],
  ['unknown after a reload', 'probe_advanced', judgement('unknown after a reload', null, 60_000)],
  ['unknown after a reload', 'probe_hurried', judgement('unknown after a reload', null, 0)],
  ['unknown, tried once', 'probe_succeeded', judgement('up', 'up', 60_000)],
  ['unknown, tried once', 'probe_failed', judgement('unknown', null, 1000)],
  ['unknown, tried once', 'probe_advanced', judgement('unknown after a reload', null, 60_000)],
  ['unknown, tried once', 'probe_hurried', judgement('unknown after a reload', null, 0)],
  ['up', 'probe_succeeded', judgement('up', null, 60_000)],
  ['up', 'probe_failed', judgement('retrying once', null, 1000)],
  ['retrying once', 'probe_succeeded', judgement('up', null, 60_000)],
  ['retrying once', 'probe_failed', judgement('retrying twice', null, 1000)],
  ['retrying twice', 'probe_succeeded', judgement('up', null, 60_000)],
  ['retrying twice', 'probe_failed', judgement('down', 'down', 60_000)],
  ['up', 'probe_advanced', judgement('up', null, 60_000)],
  ['up', 'probe_hurried', judgement('up', null, 0)],
  ['retrying once', 'probe_advanced', judgement('up', null, 60_000)],
  ['retrying once', 'probe_hurried', judgement('up', null, 0)],
  ['retrying twice', 'probe_advanced', judgement('up', null, 60_000)],
  ['retrying twice', 'probe_hurried', judgement('up', null, 0)],
  ['down', 'probe_advanced', judgement('down', null, 60_000)],
  ['down', 'probe_hurried', judgement('down', null, 0)],
  ['down', 'probe_succeeded', judgement('up', 'up', 60_000)],
  ['down', 'probe_failed', judgement('down', null, 60_000)],
];

t.test('every state and event', (t) => {
  for (const [state, event, expected] of table) {
    t.same(judge(states[state], settings, event), expected, `${state}, ${event}`);
  }
  t.equal(table.length, 4 * Object.keys(states).length);
  t.end();
});

t.test('without retries the first failure counts', (t) => {
  const { verdict } = judge(states.up, { ...settings, retry: 0 }, 'probe_failed');
  t.equal(verdict, 'down');
  t.end();
});

t.test('fewer retries after a reload count at once', (t) => {
  const { verdict } = judge(states['retrying twice'], { ...settings, retry: 1 }, 'probe_failed');
  t.equal(verdict, 'down');
  t.end();
});

t.test('property: down only after retry + 1 failures in a row, verdicts alternate', (t) => {
  const events = fc.array(fc.constantFrom<ProbeEvent>('probe_succeeded', 'probe_failed'));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), events, (retry, sequence) => {
      let state: JudgeState = states.up;
      let failuresInARow = 0;
      let last: Judgement['verdict'] = 'up';
      for (const event of sequence) {
        failuresInARow = event === 'probe_failed' ? failuresInARow + 1 : 0;
        const { verdict, state: next } = judge(state, { ...settings, retry }, event);
        if (verdict === 'down' && failuresInARow !== retry + 1) return false;
        if (verdict === 'up' && failuresInARow !== 0) return false;
        if (verdict !== null && verdict === last) return false;
        last = verdict ?? last;
        state = next;
      }
      return true;
    }),
  );
  t.end();
});

t.test('with alpha a server is down until the first success', (t) => {
  const state = unchecked({ retry: 2, startsDown: true }, true);
  t.equal(judge(state, settings, 'probe_failed').verdict, null);
  t.equal(judge(state, settings, 'probe_succeeded').verdict, 'up');
  t.end();
});
