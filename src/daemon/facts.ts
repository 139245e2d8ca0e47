// What the world last said: VRRP states, verdicts of the checkers, timer lateness. Last value wins.
import type { VrrpFact } from '../ha/vrrp/speaker.js';
import type { TimerLateness } from './messages.js';

export class FactBook {
  readonly #vrrp = new Map<string, VrrpFact>();
  readonly #failedTargets = new Set<string>();
  #lateness: TimerLateness = { timers: 0, worstMs: 0, meanMs: 0 };

  get vrrp(): readonly VrrpFact[] {
    return [...this.#vrrp.values()];
  }

  get lateness(): TimerLateness {
    return this.#lateness;
  }

  /** Identifiers of the checkers that hold their real server down. */
  get failedTargets(): ReadonlySet<string> {
    return this.#failedTargets;
  }

  recordVrrp(fact: VrrpFact): void {
    this.#vrrp.set(fact.instance, fact);
  }

  recordMeasures(vrrp: readonly VrrpFact[], lateness: TimerLateness): void {
    for (const fact of vrrp) this.recordVrrp(fact);
    this.#lateness = lateness;
  }

  /** True when the verdict is news. */
  recordVerdict(targetId: string, isUp: boolean): boolean {
    if (isUp) return this.#failedTargets.delete(targetId);
    if (this.#failedTargets.has(targetId)) return false;
    this.#failedTargets.add(targetId);
    return true;
  }

  /** Forgets what a new configuration no longer has. */
  keepOnly(instances: ReadonlySet<string>, targets: ReadonlySet<string>): void {
    for (const name of this.#vrrp.keys()) if (!instances.has(name)) this.#vrrp.delete(name);
    for (const id of this.#failedTargets) if (!targets.has(id)) this.#failedTargets.delete(id);
  }
}
