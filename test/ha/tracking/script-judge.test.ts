import fc from 'fast-check';
import t from 'tap';
import {
  firstState,
  isScriptUp,
  judgeRun,
  type ScriptBounds,
  type ScriptState,
} from '../../../src/ha/tracking/script-judge.js';

/** The verdict after each run; '+' succeeds, '-' fails. */
function verdicts(runs: string, bounds: ScriptBounds, first: ScriptState): string {
  let state = first;
  return [...runs]
    .map((run) => {
      state = judgeRun(state, run === '+' ? 'succeeded' : 'failed', bounds);
      return isScriptUp(state) ? 'U' : 'd';
    })
    .join('');
}

const bounds = { rise: 2, fall: 3 };

t.test('every state meets both outcomes', (t) => {
  const unknown = firstState(false, false);
  t.equal(isScriptUp(unknown), null);
  t.equal(verdicts('+--+--+---+-+++', bounds, unknown), 'UUUUUUUUUddddUU');
  t.equal(verdicts('-+++', bounds, unknown), 'ddUU');
  const assumedDown = firstState(true, false);
  t.equal(isScriptUp(assumedDown), false);
  t.equal(verdicts('--+---', bounds, assumedDown), 'ddUUUd', 'the first success is enough');
  const reloaded = firstState(false, true);
  t.equal(isScriptUp(reloaded), true, 'considered successful');
  t.equal(verdicts('---', bounds, reloaded), 'UUd');
  t.equal(isScriptUp(firstState(true, true)), false, 'init_fail is meant, also in a reload');
  t.end();
});

t.test('a verdict never turns before rise or fall', (t) => {
  const anyBounds = fc.record({
    rise: fc.integer({ min: 1, max: 5 }),
    fall: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(anyBounds, fc.array(fc.boolean(), { maxLength: 60 }), (limits, runs) => {
      let state = judgeRun(firstState(false, false), 'succeeded', limits);
      let streak = 0;
      let before: boolean | null = null;
      return runs.every((isGood) => {
        streak = isGood === before ? streak + 1 : 1;
        before = isGood;
        const wasUp = isScriptUp(state);
        state = judgeRun(state, isGood ? 'succeeded' : 'failed', limits);
        const turned = isScriptUp(state) !== wasUp;
        return !turned || streak >= (isGood ? limits.rise : limits.fall);
      });
    }),
  );
  t.pass('held');
  t.end();
});
