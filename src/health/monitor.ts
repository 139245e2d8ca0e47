// Runs the checker of one target: probes, has the outcome judged, reports the verdict, waits. One
// probe at a time.
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import { type JudgeSettings, type JudgeState, judge } from './judge.js';
import type { Outcome, Probe } from './probe.js';

/** Before the random part: a daemon's start has other things to do. */
const firstProbeDelayMs = 1000;

export type MonitorWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

export type MonitorSettings = JudgeSettings & { readonly warmupMs: number };

export class Monitor {
  readonly #world: MonitorWorld;
  readonly #settings: MonitorSettings;
  readonly #probe: Probe;
  readonly #verdict: (isUp: boolean) => void;
  #state: JudgeState;
  #timer: Timer | null = null;
  #isStopped = false;

  /** `state`: `unchecked`, or what an earlier monitor of the same target knew. */
  constructor(
    world: MonitorWorld,
    settings: MonitorSettings,
    probe: Probe,
    state: JudgeState,
    verdict: (isUp: boolean) => void,
  ) {
    this.#world = world;
    this.#settings = settings;
    this.#probe = probe;
    this.#state = state;
    this.#verdict = verdict;
    this.#probeIn(firstProbeDelayMs + world.random() * settings.warmupMs);
  }

  get state(): JudgeState {
    return this.#state;
  }

  /** No verdict comes after it, not even that of a probe under way. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #probeIn(delayMs: number): void {
    this.#timer = this.#world.clock.setTimer(delayMs, () => {
      void this.#probe.attempt().then((outcome) => this.#take(outcome));
    });
  }

  #take(outcome: Outcome): void {
    if (this.#isStopped) return;
    const event = outcome.type === 'succeeded' ? 'probe_succeeded' : 'probe_failed';
    const judgement = judge(this.#state, this.#settings, event);
    const retriesUsed = this.#state.retriesUsed;
    this.#state = judgement.state;
    this.#probeIn(judgement.nextProbeMs);
    if (judgement.verdict === null) return;
    this.#logVerdict(outcome, retriesUsed);
    this.#verdict(judgement.verdict === 'up');
  }

  #logVerdict(outcome: Outcome, retriesUsed: number): void {
    const { log } = this.#world;
    if (outcome.type === 'succeeded') {
      log.write('info', `${this.#probe.name} success.`);
      return;
    }
    const retries = retriesUsed === 0 ? '' : ` after ${retriesUsed} retries`;
    log.write('info', `${this.#probe.name} ${outcome.reason}${retries}.`);
  }
}
