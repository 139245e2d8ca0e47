// The monitors of many targets, kept in step with the configuration: a reload leaves a target that
// did not change alone, and one whose checker changed keeps its verdict until the next probe.
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import type { Streams } from '../ports/streams.js';
import { type JudgeState, unchecked } from './judge.js';
import { Monitor } from './monitor.js';
import { TcpProbe } from './probes/tcp.js';
import type { MonitorTarget } from './targets.js';

export type MonitorSetOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly streams: Streams;
  readonly log: Log;
  /**
   * After a target's first probe and at every change after it. Never after the target's removal.
   */
  readonly verdict: (targetId: string, isUp: boolean) => void;
};

type Entry = { readonly monitor: Monitor; readonly checkerText: string };

export class MonitorSet {
  readonly #options: MonitorSetOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: MonitorSetOptions) {
    this.#options = options;
  }

  update(targets: readonly MonitorTarget[]): void {
    const wanted = new Set(targets.map(({ id }) => id));
    for (const [id, { monitor }] of this.#entries) {
      if (wanted.has(id)) continue;
      monitor.stop();
      this.#entries.delete(id);
    }
    for (const target of targets) {
      const checkerText = JSON.stringify(target.checker);
      const entry = this.#entries.get(target.id);
      if (entry?.checkerText === checkerText) continue;
      entry?.monitor.stop();
      const state = entry === undefined ? unchecked : settled(entry.monitor.state);
      this.#entries.set(target.id, { monitor: this.#monitor(target, state), checkerText });
    }
  }

  /** Cancels every timer; nothing is reported any more. */
  stop(): void {
    this.update([]);
  }

  #monitor({ id, checker }: MonitorTarget, state: JudgeState): Monitor {
    const { streams, verdict } = this.#options;
    const probe = new TcpProbe(checker, streams);
    return new Monitor(this.#options, checker, probe, state, (isUp) => verdict(id, isUp));
  }
}

/** Retries of the old checker do not count against the new one. */
function settled({ phase }: JudgeState): JudgeState {
  return { phase: phase === 'retrying' ? 'up' : phase, retriesUsed: 0 };
}
