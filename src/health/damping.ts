// flap_damping: a server whose verdict changed COUNT times within WINDOW is held down until the
// verdict has not changed for HOLD, whatever it is. Off by default, and none of keepalived's. Pure.
import type { FlapDamping } from '../config/steadiness-table.js';

export type DampingPhase = 'free' | 'held';

export type DampingState = {
  readonly phase: DampingPhase;
  /** The last verdict. */
  readonly isUp: boolean;
  /** When it changed, latest last; never more than COUNT. */
  readonly changesMs: readonly number[];
};

export type DampingEvent =
  | { readonly type: 'verdict_reached'; readonly isUp: boolean }
  | { readonly type: 'time_passed' };

export type Damped = {
  readonly state: DampingState;
  /** What counts: the verdict, but down while it is held. */
  readonly isUp: boolean;
  /** When `time_passed` is due; null: it is not held. */
  readonly checkAtMs: number | null;
  /** The end of a sentence about the server; null: nothing new. */
  readonly news: string | null;
};

type Rule = (
  rules: FlapDamping,
  state: DampingState,
  nowMs: number,
) => { readonly state: DampingState; readonly news: string | null };

const table: {
  readonly [P in DampingPhase]: {
    readonly [E in 'verdict_changed' | 'verdict_stayed' | 'time_passed']: Rule;
  };
} = {
  free: {
    verdict_changed: countsOrHolds,
    verdict_stayed: stays,
    time_passed: stays,
  },
  held: {
    verdict_changed: (rules, state, nowMs) => ({ state: changed(rules, state, nowMs), news: null }),
    verdict_stayed: freesWhenSteady,
    time_passed: freesWhenSteady,
  },
};

export function undamped(isUp: boolean): DampingState {
  return { phase: 'free', isUp, changesMs: [] };
}

export function damp(
  rules: FlapDamping,
  before: DampingState,
  event: DampingEvent,
  nowMs: number,
): Damped {
  const { phase } = before;
  const { state, news } = table[phase][nameOf(before, event)](rules, before, nowMs);
  const isHeld = state.phase === 'held';
  return {
    state,
    isUp: state.isUp && !isHeld,
    checkAtMs: isHeld ? steadyAtMs(rules, state) : null,
    news,
  };
}

function nameOf({ isUp }: DampingState, event: DampingEvent): keyof (typeof table)['free'] {
  if (event.type === 'time_passed') return 'time_passed';
  return event.isUp === isUp ? 'verdict_stayed' : 'verdict_changed';
}

function stays(_rules: FlapDamping, state: DampingState): ReturnType<Rule> {
  return { state, news: null };
}

function countsOrHolds(rules: FlapDamping, before: DampingState, nowMs: number): ReturnType<Rule> {
  const state = changed(rules, before, nowMs);
  const [first = nowMs] = state.changesMs;
  const { count, windowMs, holdMs } = rules;
  if (state.changesMs.length < count || nowMs - first > windowMs) return { state, news: null };
  const changes = `changed ${count} times within ${windowMs / 1000} s`;
  const news = `${changes}: it is held down until it is steady for ${holdMs / 1000} s`;
  return { state: { ...state, phase: 'held' }, news };
}

function freesWhenSteady(rules: FlapDamping, state: DampingState, nowMs: number): ReturnType<Rule> {
  if (nowMs < steadyAtMs(rules, state)) return { state, news: null };
  const word = state.isUp ? 'up' : 'down';
  const news = `has been ${word} for ${rules.holdMs / 1000} s: it is held down no more`;
  return { state: undamped(state.isUp), news };
}

function changed({ count }: FlapDamping, before: DampingState, nowMs: number): DampingState {
  const changesMs = [...before.changesMs, nowMs].slice(-count);
  return { ...before, isUp: !before.isUp, changesMs };
}

function steadyAtMs({ holdMs }: FlapDamping, { changesMs }: DampingState): number {
  return (changesMs.at(-1) ?? 0) + holdMs;
}
