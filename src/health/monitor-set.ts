// The monitors of many targets, kept in step with the configuration. Targets whose checkers are
// equal in every setting share one monitor, whichever virtual servers they belong to; so a checker
// that did not change goes on undisturbed by a reload, wherever in the file it went. One that
// changed keeps its verdict until the next probe.
import type { ProbedChecker } from '../config/checkers/checkers.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { AttemptGate, type GateMeasures } from './attempt-gate.js';
import { type JudgePhase, type JudgeState, unchecked } from './judge.js';
import { type Histogram, LatencyHistogram } from './latency-histogram.js';
import { type LastProbe, Monitor, type MonitorWorld, type Verdict } from './monitor.js';
import type { ProbeWorld } from './probe.js';
import { probeOf } from './probe-of.js';
import type { ProbedTarget } from './targets.js';
import { TimerWheel } from './timer-wheel.js';

export type MonitorSetOptions = ProbeWorld & {
  readonly clock: Clock;
  readonly log: Log;
  /** So many attempts at once. */
  readonly underWayMax: number;
  /**
   * After a target's first probe and at every change after it, and when a reload gives it a
   * monitor that knows already. Never after the target's removal.
   */
  readonly verdict: (targetId: string, verdict: Verdict) => void;
};

/** What a target's checker did last and does next. */
export type CheckReport = {
  readonly targetId: string;
  readonly phase: JudgePhase;
  readonly last: LastProbe | null;
  /** On the machine's clock; null: an attempt is under way. */
  readonly nextMs: number | null;
};

export type HealthReport = {
  readonly checks: readonly CheckReport[];
  readonly gate: GateMeasures;
  readonly latencies: Histogram;
};

type Entry = { readonly monitor: Monitor; readonly targetIds: Set<string> };

export class MonitorSet {
  readonly #options: MonitorSetOptions;
  readonly #world: MonitorWorld & ProbeWorld;
  /** By the text of the checker. */
  readonly #entries = new Map<string, Entry>();
  /** Of each target the text of its checker. */
  readonly #texts = new Map<string, string>();
  #isFirstStart = true;

  constructor(options: MonitorSetOptions) {
    this.#options = options;
    const clock = new TimerWheel(options.clock);
    const gate = new AttemptGate(clock, options.log, options.underWayMax);
    this.#world = { ...options, clock, gate, latencies: new LatencyHistogram() };
  }

  report(): HealthReport {
    const { gate, latencies } = this.#world;
    const checks = [...this.#texts].flatMap(([targetId, text]): CheckReport[] => {
      const monitor = this.#entries.get(text)?.monitor;
      if (monitor === undefined) return [];
      const { state, last, nextMs } = monitor;
      return [{ targetId, phase: state.phase, last, nextMs }];
    });
    return { checks, gate: gate.measures, latencies: latencies.summary };
  }

  update(targets: readonly ProbedTarget[]): void {
    const wanted = new Map(targets.map((target) => [target.id, target]));
    const states = new Map<string, JudgeState>();
    for (const [id, text] of this.#texts) {
      const state = this.#entries.get(text)?.monitor.state;
      if (state !== undefined) states.set(id, settled(state));
    }
    for (const id of this.#texts.keys()) if (!wanted.has(id)) this.#detach(id);
    for (const target of wanted.values()) {
      const text = JSON.stringify(target.checker);
      if (this.#texts.get(target.id) === text) continue;
      this.#detach(target.id);
      this.#attach(target, text, states.get(target.id));
    }
    for (const [text, { monitor, targetIds }] of this.#entries) {
      if (targetIds.size > 0) continue;
      monitor.stop();
      this.#entries.delete(text);
    }
    this.#isFirstStart = false;
  }

  /** Cancels every timer; nothing is reported any more. */
  stop(): void {
    this.update([]);
  }

  /** Left without targets, a monitor is stopped when the update ends: another may join it. */
  #detach(id: string): void {
    const text = this.#texts.get(id);
    if (text === undefined) return;
    this.#texts.delete(id);
    this.#entries.get(text)?.targetIds.delete(id);
  }

  #attach({ id, checker }: ProbedTarget, text: string, known: JudgeState | undefined): void {
    this.#texts.set(id, text);
    const entry = this.#entries.get(text);
    if (entry === undefined) {
      this.#entries.set(text, this.#entry(id, checker, known));
      return;
    }
    entry.targetIds.add(id);
    const { verdict } = entry.monitor;
    if (verdict !== null) this.#options.verdict(id, verdict);
  }

  #entry(id: string, checker: ProbedChecker, known: JudgeState | undefined): Entry {
    const targetIds = new Set([id]);
    const state = known ?? unchecked(checker, this.#isFirstStart);
    const probe = probeOf(checker, this.#world);
    const monitor = new Monitor(this.#world, checker, probe, state, (verdict) => {
      for (const targetId of targetIds) this.#options.verdict(targetId, verdict);
    });
    return { monitor, targetIds };
  }
}

/** Retries of the old checker do not count against the new one. */
function settled({ phase }: JudgeState): JudgeState {
  return { phase: phase === 'retrying' ? 'up' : phase, retriesUsed: 0 };
}
