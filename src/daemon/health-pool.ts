// The health threads: as many as the number of checks asks for, each with its own checks. Equal
// checkers go to one thread, where they share a monitor, and stay there.

import type { ScriptPolicy } from '../config/notification.js';
import type { ThreadSettings } from '../config/threads.js';
import { addedHistograms } from '../health/latency-histogram.js';
import type { Verdict } from '../health/monitor.js';
import type { HealthReport } from '../health/monitor-set.js';
import type { ProbedTarget } from '../health/targets.js';
import type { FromHealthThread, ToHealthThread } from './messages.js';

/** Checkers that one thread takes before there is another. */
const checkersPerThread = 5_000;

/** What is the same for all checks. */
export type CheckManner = {
  /** As whom their scripts run, and whether. */
  readonly scripts: ScriptPolicy;
  readonly thread: ThreadSettings;
};

export type HealthThread = { readonly post: (message: ToHealthThread) => void };

export type HealthPoolWorld = {
  readonly threadsMax: number;
  readonly newThread: (heard: (message: FromHealthThread) => void) => HealthThread;
  readonly verdict: (targetId: string, verdict: Verdict) => void;
};

type Shard = {
  readonly thread: HealthThread;
  /** Different checkers. */
  checkers: number;
  readonly targets: ProbedTarget[];
  readonly asked: ((report: HealthReport) => void)[];
};

export class HealthPool {
  readonly #world: HealthPoolWorld;
  readonly #shards: Shard[] = [];
  /** By the text of the checker. */
  #places = new Map<string, Shard>();
  #report: Promise<HealthReport | null> | null = null;

  constructor(world: HealthPoolWorld) {
    this.#world = world;
  }

  update(targets: readonly ProbedTarget[], manner: CheckManner): void {
    const before = this.#places;
    this.#places = new Map();
    for (const shard of this.#shards) {
      shard.checkers = 0;
      shard.targets.length = 0;
    }
    const newcomers: [string, ProbedTarget][] = [];
    for (const target of targets) {
      const text = JSON.stringify(target.checker);
      const shard = before.get(text);
      if (shard === undefined) newcomers.push([text, target]);
      else this.#put(text, target, shard);
    }
    for (const [text, target] of newcomers) {
      this.#put(text, target, this.#places.get(text) ?? this.#emptiest());
    }
    for (const { thread, targets: own } of this.#shards) {
      thread.post({ type: 'targets_changed', targets: own, ...manner });
    }
  }

  /** Of all threads together; who asks meanwhile gets the same. */
  report(): Promise<HealthReport | null> {
    this.#report ??= this.#ask().finally(() => {
      this.#report = null;
    });
    return this.#report;
  }

  async #ask(): Promise<HealthReport | null> {
    const reports = await Promise.all(
      this.#shards.map(
        ({ thread, asked }) =>
          new Promise<HealthReport>((resolve) => {
            asked.push(resolve);
            thread.post({ type: 'report' });
          }),
      ),
    );
    const [first, ...others] = reports;
    return first === undefined ? null : others.reduce(added, first);
  }

  stop(): void {
    for (const { thread } of this.#shards) thread.post({ type: 'stop' });
  }

  #put(text: string, target: ProbedTarget, shard: Shard): void {
    if (!this.#places.has(text)) shard.checkers += 1;
    this.#places.set(text, shard);
    shard.targets.push(target);
  }

  #emptiest(): Shard {
    const [first, ...others] = this.#shards;
    if (first === undefined) return this.#add();
    const least = others.reduce(
      (one, other) => (other.checkers < one.checkers ? other : one),
      first,
    );
    const isFull = least.checkers >= checkersPerThread;
    return isFull && this.#shards.length < this.#world.threadsMax ? this.#add() : least;
  }

  #add(): Shard {
    const asked: Shard['asked'] = [];
    const thread = this.#world.newThread((message) => {
      if (message.type === 'reported') asked.shift()?.(message.report);
      else this.#world.verdict(message.targetId, message.verdict);
    });
    const shard: Shard = { thread, checkers: 0, targets: [], asked };
    this.#shards.push(shard);
    return shard;
  }
}

function added(one: HealthReport, other: HealthReport): HealthReport {
  return {
    checks: [...one.checks, ...other.checks],
    gate: {
      started: one.gate.started + other.gate.started,
      underWay: one.gate.underWay + other.gate.underWay,
      waiting: one.gate.waiting + other.gate.waiting,
      late: one.gate.late + other.gate.late,
      worstLatenessMs: Math.max(one.gate.worstLatenessMs, other.gate.worstLatenessMs),
    },
    latencies: addedHistograms(one.latencies, other.latencies),
  };
}
