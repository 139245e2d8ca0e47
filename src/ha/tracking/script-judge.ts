// What the runs of a script make of it: a table. The first run decides alone, as in keepalived;
// later ones need `rise` successes or `fall` failures in a row.
export type ScriptState =
  /** It never ended: nothing is known. */
  | { readonly type: 'unknown' }
  /** init_fail: it counts as down, and its first success is enough. */
  | { readonly type: 'assumed_down' }
  | { readonly type: 'up'; readonly failures: number }
  | { readonly type: 'down'; readonly successes: number };

export type ScriptBounds = { readonly rise: number; readonly fall: number };

type Outcome = 'succeeded' | 'failed';
type Rule<S> = (state: S, bounds: ScriptBounds) => ScriptState;
type StateOf<T extends ScriptState['type']> = Extract<ScriptState, { readonly type: T }>;
type Table = { [T in ScriptState['type']]: { [O in Outcome]: Rule<StateOf<T>> } };

const up: ScriptState = { type: 'up', failures: 0 };
const down: ScriptState = { type: 'down', successes: 0 };

const table: Table = {
  unknown: { succeeded: () => up, failed: () => down },
  assumed_down: { succeeded: () => up, failed: (state) => state },
  up: {
    succeeded: () => up,
    failed: ({ failures }, { fall }) =>
      failures + 1 >= fall ? down : { type: 'up', failures: failures + 1 },
  },
  down: {
    succeeded: ({ successes }, { rise }) =>
      successes + 1 >= rise ? up : { type: 'down', successes: successes + 1 },
    failed: () => down,
  },
};

export function judgeRun(state: ScriptState, outcome: Outcome, bounds: ScriptBounds): ScriptState {
  // The row's rule takes exactly this state, which the compiler cannot follow through an index.
  const rule = table[state.type][outcome] as Rule<ScriptState>;
  return rule(state, bounds);
}

/** `isReload`: what is new in a configuration that runs already is taken for up. */
export function firstState(startsFailed: boolean, isReload: boolean): ScriptState {
  if (startsFailed) return { type: 'assumed_down' };
  return isReload ? up : { type: 'unknown' };
}

/** null: not known. */
export function isScriptUp({ type }: ScriptState): boolean | null {
  return type === 'unknown' ? null : type === 'up';
}
