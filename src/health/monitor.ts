// Runs one checker: probes, has the outcome judged, reports the verdict, waits. One probe at a
// time.
import type { CheckPace } from '../config/checker.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import type { AttemptGate } from './attempt-gate.js';
import { type JudgeState, judge, type ProbeEvent } from './judge.js';
import type { LatencyHistogram } from './latency-histogram.js';
import type { Outcome, Probe } from './probe.js';

/** Before the random part: a daemon's start has other things to do. */
const firstProbeDelayMs = 1000;
/** Of the interval, at random: checks that an outage has brought into step do not stay in it. */
const jitter = 0.02;
/**
 * What a check began late is taken off the wait for its next one, up to this part of it. Else the
 * checks that one pause of the machine made late would stay in step for ever, and each further
 * pause would add to them.
 */
const catchUpPart = 0.5;

export type MonitorWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly gate: AttemptGate;
  readonly latencies: LatencyHistogram;
};

export type Verdict = {
  readonly isUp: boolean;
  /** What the checker adds to the weight of its server. */
  readonly weightChange: number;
  /** For the mail about it: why it failed, or of BFD_CHECK its session; left out: nothing. */
  readonly mailReason?: string;
};

/** The last attempt that ended. */
export type LastProbe = {
  /** On the machine's clock, when it ended. */
  readonly atMs: number;
  readonly latencyMs: number;
  /** null: it succeeded. */
  readonly failure: string | null;
};

export class Monitor {
  readonly name: string;
  readonly #world: MonitorWorld;
  readonly #pace: CheckPace;
  readonly #probe: Probe;
  readonly #reached: (verdict: Verdict) => void;
  #state: JudgeState;
  #weightChange = 0;
  #mailReason: string | null = null;
  /** In a row. */
  #failures = 0;
  #timer: Timer | null = null;
  #nextMs: number | null = null;
  /** Of the attempt that is due next or under way. */
  #dueMs = 0;
  #startMs = 0;
  #last: LastProbe | null = null;
  #isStopped = false;
  // Made once: there are thousands of attempts a second.
  readonly #due = (): void => {
    this.#nextMs = null;
    this.#world.gate.enter(this.#dueMs, this.#pace.delayLoopMs, this.#begin);
  };
  /** False: it was stopped while it waited. */
  readonly #begin = (): boolean => {
    if (this.#isStopped) return false;
    this.#startMs = this.#world.clock.nowMs();
    if (this.#probe.begin !== undefined) this.#probe.begin(this.#ended);
    else void this.#probe.attempt({ isUp: this.verdict?.isUp ?? null }).then(this.#ended);
    return true;
  };
  readonly #ended = (outcome: Outcome): void => {
    this.#world.gate.leave();
    this.#take(outcome);
  };

  /** `state`: `unchecked`, or what an earlier monitor of the same target knew. */
  constructor(
    world: MonitorWorld,
    pace: CheckPace,
    probe: Probe,
    state: JudgeState,
    reached: (verdict: Verdict) => void,
  ) {
    this.name = probe.name;
    this.#world = world;
    this.#pace = pace;
    this.#probe = probe;
    this.#state = state;
    this.#reached = reached;
    this.#probeIn(firstProbeDelayMs + world.random() * pace.warmupMs);
  }

  get state(): JudgeState {
    return this.#state;
  }

  /** null: there is none yet. */
  get verdict(): Verdict | null {
    const { phase } = this.#state;
    if (phase === 'unknown' || (phase === 'down' && this.#last === null)) return null;
    const isUp = phase !== 'down';
    const verdict = { isUp, weightChange: this.#weightChange };
    const mailReason = this.#mailReason;
    return isUp || mailReason === null ? verdict : { ...verdict, mailReason };
  }

  get last(): LastProbe | null {
    return this.#last;
  }

  /** When the next attempt begins, on the clock; null: one is under way, or none is due. */
  get nextMs(): number | null {
    return this.#nextMs;
  }

  /** No verdict comes after it, not even that of a probe under way. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#nextMs = null;
  }

  #probeIn(delayMs: number): void {
    const { clock } = this.#world;
    this.#dueMs = clock.nowMs() + delayMs;
    this.#nextMs = this.#dueMs;
    this.#timer = clock.setTimer(delayMs, this.#due);
  }

  /** From the end of one attempt, or its beginning, to the next. */
  #restMs(nextProbeMs: number, spentMs: number): number {
    const restMs = nextProbeMs * (1 + this.#world.random() * jitter);
    const lateMs = Math.min(this.#startMs - this.#dueMs, nextProbeMs * catchUpPart);
    const pacedMs = this.#probe.isPacedByStart === true ? spentMs : 0;
    return Math.max(restMs - lateMs - pacedMs, 0);
  }

  #take(outcome: Outcome): void {
    const { clock, latencies } = this.#world;
    const atMs = clock.nowMs();
    const latencyMs = atMs - this.#startMs;
    latencies.add(latencyMs);
    if (this.#isStopped) return;
    const failure = outcome.type === 'failed' ? outcome.reason : null;
    const judgement = judge(this.#state, this.#pace, eventOf(outcome));
    this.#failures = failure === null ? 0 : this.#failures + 1;
    this.#state = judgement.state;
    this.#last = { atMs, latencyMs, failure };
    if (outcome.type === 'failed') this.#mailReason = outcome.mailReason ?? null;
    const isPolled = failure !== null && judgement.state.phase === 'down';
    const nextProbeMs = isPolled ? this.#probe.pollMs : undefined;
    this.#probeIn(this.#restMs(nextProbeMs ?? judgement.nextProbeMs, latencyMs));
    const isHeavier = outcome.type === 'succeeded' && outcome.weightChange !== this.#weightChange;
    if (outcome.type === 'succeeded') this.#weightChange = outcome.weightChange;
    if (judgement.verdict !== null) this.#logVerdict(failure);
    else if (failure !== null && this.#pace.logsAllFailures) this.#logFailure(failure);
    const { verdict } = this;
    if (verdict !== null && (judgement.verdict !== null || isHeavier)) this.#reached(verdict);
  }

  #logVerdict(failure: string | null): void {
    const retries = this.#failures < 2 ? '' : ` after ${this.#failures - 1} retries`;
    const line = failure === null ? 'success' : `${failure}${retries}`;
    const success = failure === null ? this.#probe.successLine : undefined;
    this.#world.log.write('info', success ?? `${this.name} ${line}.`);
  }

  #logFailure(reason: string): void {
    this.#world.log.write('info', `${this.name} ${reason}.`);
  }
}

function eventOf(outcome: Outcome): ProbeEvent {
  if (outcome.type === 'succeeded') return 'probe_succeeded';
  if (outcome.type === 'failed') return 'probe_failed';
  return outcome.next === 'at_once' ? 'probe_hurried' : 'probe_advanced';
}
