// Which real servers are down, kept up to date verdict by verdict: ten thousand checkers that fail
// at once cost ten thousand steps. A server is down while at least one of its checkers is.
import type { MonitorTarget } from './targets.js';

export type ServerNews = { readonly serverKey: string; readonly isUp: boolean };

export class FailedServers {
  readonly #targets: ReadonlyMap<string, MonitorTarget>;
  /** Checkers that are down, counted for each server that has one. */
  readonly #counts = new Map<string, number>();
  readonly #failedTargets: ReadonlySet<string>;

  /** `failedTargets` is the set that the caller keeps; `record` is told before it changes. */
  constructor(targets: readonly MonitorTarget[], failedTargets: ReadonlySet<string>) {
    this.#targets = new Map(targets.map((target) => [target.id, target]));
    this.#failedTargets = failedTargets;
    for (const id of failedTargets) this.#add(this.#targets.get(id), 1);
  }

  /** By `serverKey`. */
  get keys(): ReadonlySet<string> {
    return new Set(this.#counts.keys());
  }

  has(targetId: string): boolean {
    return this.#targets.has(targetId);
  }

  /** What a verdict means for its server; null: nothing new. */
  record(targetId: string, isUp: boolean): ServerNews | null {
    const target = this.#targets.get(targetId);
    if (target === undefined || this.#failedTargets.has(targetId) !== isUp) return null;
    const before = this.#counts.has(target.serverKey);
    this.#add(target, isUp ? -1 : 1);
    const after = this.#counts.has(target.serverKey);
    return before === after ? null : { serverKey: target.serverKey, isUp: !after };
  }

  #add(target: MonitorTarget | undefined, change: 1 | -1): void {
    if (target === undefined) return;
    const count = (this.#counts.get(target.serverKey) ?? 0) + change;
    if (count > 0) this.#counts.set(target.serverKey, count);
    else this.#counts.delete(target.serverKey);
  }
}
