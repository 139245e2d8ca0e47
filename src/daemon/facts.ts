// What the world last said: VRRP states, timer lateness. Last value wins.
import type { VrrpFact } from '../ha/vrrp/speaker.js';
import type { BgpFact } from '../routing/bgp/speaker.js';
import type { BfdNews } from './bfd-news.js';
import type { TimerLateness } from './messages.js';

export class FactBook {
  readonly #bfd = new Map<string, BfdNews>();
  readonly #vrrp = new Map<string, VrrpFact>();
  #bgp: readonly BgpFact[] = [];
  #lateness: TimerLateness = { timers: 0, worstMs: 0, meanMs: 0 };

  get vrrp(): readonly VrrpFact[] {
    return [...this.#vrrp.values()];
  }

  get lateness(): TimerLateness {
    return this.#lateness;
  }

  recordVrrp(fact: VrrpFact): void {
    this.#vrrp.set(fact.instance, fact);
  }

  recordMeasures(vrrp: readonly VrrpFact[], lateness: TimerLateness): void {
    for (const fact of vrrp) this.recordVrrp(fact);
    this.#lateness = lateness;
  }

  get bfd(): readonly BfdNews[] {
    return [...this.#bfd.values()];
  }

  get bgp(): readonly BgpFact[] {
    return this.#bgp;
  }

  /** All that there are. */
  recordBgp(facts: readonly BgpFact[]): void {
    this.#bgp = facts;
  }

  recordBfd(news: readonly BfdNews[]): void {
    for (const one of news) this.#bfd.set(one.name, one);
  }

  /** All that there are. */
  replaceBfd(news: readonly BfdNews[]): void {
    this.#bfd.clear();
    this.recordBfd(news);
  }

  /** Forgets what a new configuration no longer has. */
  keepOnly(instances: ReadonlySet<string>): void {
    for (const name of this.#vrrp.keys()) if (!instances.has(name)) this.#vrrp.delete(name);
  }
}
