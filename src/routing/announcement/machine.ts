// The states of an announced address. Down counts at once; up again only after a hold-down, which
// doubles with every withdrawal and forgets one for each longest hold-down without any. The first
// announcement after a start waits for nothing. Pure: time is passed in.
import type { SteadinessRules } from './announced-address.js';
import type { Verdict } from './verdict.js';

export type AddressState =
  /** Not announced: some fact is against it. */
  | 'down'
  /** Not announced: nothing is against it, but it has not been so for long enough. */
  | 'held'
  | 'healthy'
  /** Announced as less preferred: some servers are down. */
  | 'degraded'
  /** By the operator: announced as the last choice, until its time is over. */
  | 'draining'
  /** By the operator: not announced. */
  | 'maintenance';

export type AddressMemory = {
  readonly state: AddressState;
  /** When it came into its state; null: at the start. */
  readonly sinceMs: number | null;
  /** The last verdict that was one. */
  readonly grade: 'up' | 'degraded' | 'down';
  /** Since when no fact was against it; null: one is. */
  readonly upSinceMs: number | null;
  /** While degraded: since when all is well again; null: it is not. */
  readonly wellSinceMs: number | null;
  /** Withdrawals that are remembered. */
  readonly flaps: number;
  readonly flappedAtMs: number | null;
  /** How long it must be up before it is announced again. */
  readonly holdMs: number;
  readonly drainEndsMs: number | null;
};

export type AddressEvent =
  | { readonly type: 'judged_up' }
  | { readonly type: 'judged_degraded' }
  | { readonly type: 'judged_down' }
  | { readonly type: 'drained' }
  | { readonly type: 'undrained' }
  | { readonly type: 'time_passed' };

export const unannounced: AddressMemory = {
  state: 'down',
  sinceMs: null,
  grade: 'down',
  upSinceMs: null,
  wellSinceMs: null,
  flaps: 0,
  flappedAtMs: null,
  holdMs: 0,
  drainEndsMs: null,
};

type Rule = (rules: SteadinessRules, memory: AddressMemory, nowMs: number) => AddressMemory;
type Table = { readonly [S in AddressState]: { readonly [E in AddressEvent['type']]: Rule } };

const table: Table = {
  down: {
    judged_up: rises('up'),
    judged_degraded: rises('degraded'),
    judged_down: stays,
    drained: goesTo('maintenance'),
    undrained: stays,
    time_passed: stays,
  },
  held: {
    judged_up: keepsRising('up'),
    judged_degraded: keepsRising('degraded'),
    judged_down: sinks,
    drained: goesTo('maintenance'),
    undrained: stays,
    time_passed: announcedWhenDue,
  },
  healthy: {
    judged_up: stays,
    judged_degraded: worsens,
    judged_down: isWithdrawn('down'),
    drained: drains,
    undrained: stays,
    time_passed: stays,
  },
  degraded: {
    judged_up: recovers,
    judged_degraded: worsens,
    judged_down: isWithdrawn('down'),
    drained: drains,
    undrained: stays,
    time_passed: healthyWhenDue,
  },
  draining: {
    judged_up: grades('up'),
    judged_degraded: grades('degraded'),
    judged_down: isWithdrawn('maintenance'),
    drained: stays,
    undrained: isAnnounced,
    time_passed: leavesWhenDue,
  },
  maintenance: {
    judged_up: rests('up'),
    judged_degraded: rests('degraded'),
    judged_down: restsDown,
    drained: stays,
    undrained: returns,
    time_passed: stays,
  },
};

/** `memory` itself when nothing changes. */
export function step(
  rules: SteadinessRules,
  memory: AddressMemory,
  event: AddressEvent,
  nowMs: number,
): AddressMemory {
  const next = table[memory.state][event.type](rules, memory, nowMs);
  return next.state === memory.state ? next : { ...next, sinceMs: nowMs };
}

/** null: nothing was found out, so nothing happens. */
export function eventOf(verdict: Verdict): AddressEvent | null {
  return verdict === 'unknown' ? null : { type: `judged_${verdict}` };
}

/** When `time_passed` is due; null: never. */
export function deadlineOf(rules: SteadinessRules, memory: AddressMemory): number | null {
  switch (memory.state) {
    case 'held':
      return announcedAtMs(rules, memory);
    case 'degraded':
      return memory.wellSinceMs === null ? null : memory.wellSinceMs + rules.holdDownMs;
    case 'draining':
      return memory.drainEndsMs;
    default:
      return null;
  }
}

export function isAnnouncedIn(state: AddressState): boolean {
  return state === 'healthy' || state === 'degraded' || state === 'draining';
}

/** A reload may shorten what is being waited for. */
function announcedAtMs({ holdDownMaxMs }: SteadinessRules, memory: AddressMemory): number | null {
  if (memory.upSinceMs === null) return null;
  return memory.upSinceMs + Math.min(memory.holdMs, holdDownMaxMs);
}

function stays(_rules: SteadinessRules, memory: AddressMemory): AddressMemory {
  return memory;
}

function goesTo(state: AddressState): Rule {
  return (_rules, memory) => ({ ...memory, state });
}

function rises(grade: 'up' | 'degraded'): Rule {
  return (rules, memory, nowMs) =>
    announcedWhenDue(rules, { ...memory, state: 'held', grade, upSinceMs: nowMs }, nowMs);
}

function keepsRising(grade: 'up' | 'degraded'): Rule {
  return (rules, memory, nowMs) =>
    announcedWhenDue(rules, grade === memory.grade ? memory : { ...memory, grade }, nowMs);
}

function sinks(_rules: SteadinessRules, memory: AddressMemory): AddressMemory {
  return { ...memory, state: 'down', grade: 'down', upSinceMs: null };
}

function announcedWhenDue(rules: SteadinessRules, memory: AddressMemory, nowMs: number) {
  const dueMs = announcedAtMs(rules, memory);
  return dueMs === null || nowMs < dueMs ? memory : isAnnounced(rules, memory);
}

function isAnnounced(_rules: SteadinessRules, memory: AddressMemory): AddressMemory {
  const state = memory.grade === 'degraded' ? 'degraded' : 'healthy';
  return { ...memory, state, wellSinceMs: null, drainEndsMs: null };
}

function worsens(_rules: SteadinessRules, memory: AddressMemory): AddressMemory {
  if (memory.state === 'degraded' && memory.wellSinceMs === null) return memory;
  return { ...memory, state: 'degraded', grade: 'degraded', wellSinceMs: null };
}

/** Better news wait as long as an announcement does; worse ones are told at once. */
function recovers(rules: SteadinessRules, memory: AddressMemory, nowMs: number): AddressMemory {
  if (memory.wellSinceMs !== null) return healthyWhenDue(rules, memory, nowMs);
  return healthyWhenDue(rules, { ...memory, grade: 'up', wellSinceMs: nowMs }, nowMs);
}

function healthyWhenDue(
  { holdDownMs }: SteadinessRules,
  memory: AddressMemory,
  nowMs: number,
): AddressMemory {
  const { wellSinceMs } = memory;
  if (wellSinceMs === null || nowMs < wellSinceMs + holdDownMs) return memory;
  return { ...memory, state: 'healthy', wellSinceMs: null };
}

/** Neighbours see it go: the way back is longer with every time. */
function isWithdrawn(state: 'down' | 'maintenance'): Rule {
  return (rules, memory, nowMs) => {
    const flaps = Math.min(remembered(rules, memory, nowMs) + 1, flapsMax(rules));
    const { holdDownMs, holdDownMaxMs } = rules;
    return {
      ...memory,
      state,
      grade: 'down',
      upSinceMs: null,
      wellSinceMs: null,
      drainEndsMs: null,
      flaps,
      flappedAtMs: nowMs,
      holdMs: Math.min(holdDownMs * 2 ** (flaps - 1), holdDownMaxMs),
    };
  };
}

/** One is forgotten for every longest hold-down without another. */
function remembered(
  { holdDownMaxMs }: SteadinessRules,
  { flaps, flappedAtMs }: AddressMemory,
  nowMs: number,
): number {
  if (flappedAtMs === null) return 0;
  const quiet = Math.floor((nowMs - flappedAtMs) / Math.max(holdDownMaxMs, 1));
  return Math.max(0, flaps - quiet);
}

/** More than reach the longest hold-down would only take longer to be forgotten. */
function flapsMax({ holdDownMs, holdDownMaxMs }: SteadinessRules): number {
  return holdDownMs === 0 ? 1 : 1 + Math.ceil(Math.log2(Math.max(1, holdDownMaxMs / holdDownMs)));
}

function drains(rules: SteadinessRules, memory: AddressMemory, nowMs: number): AddressMemory {
  const draining = { ...memory, state: 'draining' as const, drainEndsMs: nowMs + rules.drainMs };
  return leavesWhenDue(rules, draining, nowMs);
}

function grades(grade: 'up' | 'degraded'): Rule {
  return (rules, memory, nowMs) =>
    leavesWhenDue(rules, grade === memory.grade ? memory : { ...memory, grade }, nowMs);
}

function leavesWhenDue(
  _rules: SteadinessRules,
  memory: AddressMemory,
  nowMs: number,
): AddressMemory {
  if (memory.drainEndsMs === null || nowMs < memory.drainEndsMs) return memory;
  return { ...memory, state: 'maintenance', wellSinceMs: null, drainEndsMs: null };
}

function rests(grade: 'up' | 'degraded'): Rule {
  return (_rules, memory, nowMs) =>
    memory.grade === grade && memory.upSinceMs !== null
      ? memory
      : { ...memory, grade, upSinceMs: memory.upSinceMs ?? nowMs };
}

function restsDown(_rules: SteadinessRules, memory: AddressMemory): AddressMemory {
  if (memory.grade === 'down') return memory;
  return { ...memory, grade: 'down', upSinceMs: null };
}

/** The operator has chosen the time; only what is left of a hold-down is waited for. */
function returns(rules: SteadinessRules, memory: AddressMemory, nowMs: number): AddressMemory {
  if (memory.grade === 'down' || memory.upSinceMs === null) return { ...memory, state: 'down' };
  return announcedWhenDue(rules, { ...memory, state: 'held' }, nowMs);
}
