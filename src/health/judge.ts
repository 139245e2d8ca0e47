// Makes up and down out of a checker's single outcomes, with keepalived's rules: a real server
// starts up (with alpha: down); a failure is retried `retry` times, but the very first check of a
// daemon gets no retry; a success counts at once. Pure.
import type { CheckPace } from '../config/checker.js';

export type JudgeSettings = Pick<CheckPace, 'retry' | 'delayBeforeRetryMs' | 'delayLoopMs'>;

/** `unknown`: not checked yet, counts as up. */
export type JudgePhase = 'unknown' | 'up' | 'retrying' | 'down';
export type JudgeState = { readonly phase: JudgePhase; readonly retriesUsed: number };

export type ProbeEvent =
  | 'probe_succeeded'
  /** A part has succeeded, and the next one is due after the interval, or at once. */
  | 'probe_advanced'
  | 'probe_hurried'
  | 'probe_failed';

export type Judgement = {
  readonly state: JudgeState;
  /** What to report; null: nothing new. */
  readonly verdict: 'up' | 'down' | null;
  readonly nextProbeMs: number;
};

type Rule = (settings: JudgeSettings, state: JudgeState) => Judgement;

const rules: { readonly [P in JudgePhase]: { readonly [E in ProbeEvent]: Rule } } = {
  unknown: {
    probe_succeeded: (s) => isUp(s, 'up'),
    probe_advanced: staysForLoop,
    probe_hurried: staysForNow,
    probe_failed: retriesOrIsDown,
  },
  up: {
    probe_succeeded: (s) => isUp(s, null),
    probe_advanced: staysForLoop,
    probe_hurried: staysForNow,
    probe_failed: retriesOrIsDown,
  },
  retrying: {
    probe_succeeded: (s) => isUp(s, null),
    probe_advanced: (s) => isUp(s, null),
    probe_hurried: (s) => ({ ...isUp(s, null), nextProbeMs: 0 }),
    probe_failed: retriesOrIsDown,
  },
  down: {
    probe_succeeded: (s) => isUp(s, 'up'),
    probe_advanced: staysForLoop,
    probe_hurried: staysForNow,
    probe_failed: (s) => isDown(s, null),
  },
};

/** A daemon that starts has retries for no first check; a reload has, for what it brings. */
export function unchecked(
  { retry, startsDown }: Pick<CheckPace, 'retry' | 'startsDown'>,
  isFirstStart: boolean,
): JudgeState {
  return { phase: startsDown ? 'down' : 'unknown', retriesUsed: isFirstStart ? retry : 0 };
}

export function judge(state: JudgeState, settings: JudgeSettings, event: ProbeEvent): Judgement {
  return rules[state.phase][event](settings, state);
}

function staysForLoop({ delayLoopMs }: JudgeSettings, { phase }: JudgeState): Judgement {
  return { state: { phase, retriesUsed: 0 }, verdict: null, nextProbeMs: delayLoopMs };
}

function staysForNow(_settings: JudgeSettings, { phase }: JudgeState): Judgement {
  return { state: { phase, retriesUsed: 0 }, verdict: null, nextProbeMs: 0 };
}

function isUp({ delayLoopMs }: JudgeSettings, verdict: 'up' | null): Judgement {
  return { state: { phase: 'up', retriesUsed: 0 }, verdict, nextProbeMs: delayLoopMs };
}

function isDown({ delayLoopMs }: JudgeSettings, verdict: 'down' | null): Judgement {
  return { state: { phase: 'down', retriesUsed: 0 }, verdict, nextProbeMs: delayLoopMs };
}

function retriesOrIsDown(settings: JudgeSettings, { phase, retriesUsed }: JudgeState): Judgement {
  if (retriesUsed >= settings.retry) return isDown(settings, 'down');
  return {
    state: { phase: phase === 'unknown' ? phase : 'retrying', retriesUsed: retriesUsed + 1 },
    verdict: null,
    nextProbeMs: settings.delayBeforeRetryMs,
  };
}
