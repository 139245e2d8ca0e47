// Makes up and down out of a checker's single outcomes, with keepalived's rules: a real server
// starts up; a failure is retried `retry` times, but the very first check gets no retry; a success
// counts at once. Pure.

export type JudgeSettings = {
  /** Failures after the first that are tolerated before the server is down. */
  readonly retry: number;
  readonly delayBeforeRetryMs: number;
  readonly delayLoopMs: number;
};

/** `unknown`: not checked yet, counts as up. */
export type JudgePhase = 'unknown' | 'up' | 'retrying' | 'down';
export type JudgeState = { readonly phase: JudgePhase; readonly retriesUsed: number };

export type ProbeEvent = 'probe_succeeded' | 'probe_failed';

export type Judgement = {
  readonly state: JudgeState;
  /** What to report; null: nothing new. */
  readonly verdict: 'up' | 'down' | null;
  readonly nextProbeMs: number;
};

type Rule = (settings: JudgeSettings, state: JudgeState) => Judgement;

const rules: { readonly [P in JudgePhase]: { readonly [E in ProbeEvent]: Rule } } = {
  unknown: { probe_succeeded: (s) => isUp(s, 'up'), probe_failed: (s) => isDown(s, 'down') },
  up: { probe_succeeded: (s) => isUp(s, null), probe_failed: retriesOrIsDown },
  retrying: { probe_succeeded: (s) => isUp(s, null), probe_failed: retriesOrIsDown },
  down: { probe_succeeded: (s) => isUp(s, 'up'), probe_failed: (s) => isDown(s, null) },
};

export const unchecked: JudgeState = { phase: 'unknown', retriesUsed: 0 };

export function judge(state: JudgeState, settings: JudgeSettings, event: ProbeEvent): Judgement {
  return rules[state.phase][event](settings, state);
}

function isUp({ delayLoopMs }: JudgeSettings, verdict: 'up' | null): Judgement {
  return { state: { phase: 'up', retriesUsed: 0 }, verdict, nextProbeMs: delayLoopMs };
}

function isDown({ delayLoopMs }: JudgeSettings, verdict: 'down' | null): Judgement {
  return { state: { phase: 'down', retriesUsed: 0 }, verdict, nextProbeMs: delayLoopMs };
}

function retriesOrIsDown(settings: JudgeSettings, { retriesUsed }: JudgeState): Judgement {
  if (retriesUsed >= settings.retry) return isDown(settings, 'down');
  return {
    state: { phase: 'retrying', retriesUsed: retriesUsed + 1 },
    verdict: null,
    nextProbeMs: settings.delayBeforeRetryMs,
  };
}
