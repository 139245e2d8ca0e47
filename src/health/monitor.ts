// Runs one checker: probes, has the outcome judged, reports the verdict, waits. One probe at a
// time.
import type { CheckPace } from '../config/checker.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import { type JudgeState, judge, type ProbeEvent } from './judge.js';
import type { Outcome, Probe } from './probe.js';

/** Before the random part: a daemon's start has other things to do. */
const firstProbeDelayMs = 1000;

export type MonitorWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

export type Verdict = {
  readonly isUp: boolean;
  /** What the checker adds to the weight of its server. */
  readonly weightChange: number;
};

/** The last attempt that ended. */
export type LastProbe = {
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
  /** In a row. */
  #failures = 0;
  #timer: Timer | null = null;
  #nextMs: number | null = null;
  #last: LastProbe | null = null;
  #isUnderWay = false;
  #isPaused = false;
  #isStopped = false;

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
    return { isUp: phase !== 'down', weightChange: this.#weightChange };
  }

  get last(): LastProbe | null {
    return this.#last;
  }

  /** When the next attempt begins, on the clock; null: one is under way, or none is due. */
  get nextMs(): number | null {
    return this.#nextMs;
  }

  /** No attempt begins until it is resumed; the verdict stays. */
  pause(): void {
    this.#isPaused = true;
    this.#timer?.cancel();
    this.#nextMs = null;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#isUnderWay) this.#probeIn(this.#world.random() * this.#pace.delayLoopMs);
  }

  /** No verdict comes after it, not even that of a probe under way. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#nextMs = null;
  }

  #probeIn(delayMs: number): void {
    const { clock } = this.#world;
    this.#nextMs = clock.nowMs() + delayMs;
    this.#timer = clock.setTimer(delayMs, () => {
      this.#nextMs = null;
      this.#isUnderWay = true;
      const startMs = clock.nowMs();
      const isUp = this.verdict?.isUp ?? null;
      void this.#probe.attempt({ isUp }).then((outcome) => this.#take(outcome, startMs));
    });
  }

  #take(outcome: Outcome, startMs: number): void {
    this.#isUnderWay = false;
    if (this.#isStopped) return;
    const atMs = this.#world.clock.nowMs();
    const failure = outcome.type === 'failed' ? outcome.reason : null;
    const judgement = judge(this.#state, this.#pace, eventOf(outcome));
    this.#failures = failure === null ? 0 : this.#failures + 1;
    this.#state = judgement.state;
    this.#last = { atMs, latencyMs: atMs - startMs, failure };
    const spentMs = this.#probe.isPacedByStart === true ? atMs - startMs : 0;
    if (!this.#isPaused) this.#probeIn(Math.max(judgement.nextProbeMs - spentMs, 0));
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
    this.#world.log.write('info', `${this.name} ${line}.`);
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
