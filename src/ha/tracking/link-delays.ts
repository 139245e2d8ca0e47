// interface_up_down_delays: how long an interface must be down, or up again, before it counts. Of
// several lines for one interface the last one counts.
import type { LinkDelays } from '../../config/link-table.js';
import type { Clock, Timer } from '../../ports/clock.js';

type Settled = { isUp: boolean; pending: Timer | null };

export class SettledLinks {
  readonly #clock: Clock;
  /** Something counts now that did not before: look again. */
  readonly #settled: () => void;
  readonly #links = new Map<string, Settled>();
  #delays: ReadonlyMap<string, LinkDelays> = new Map();

  constructor(clock: Clock, settled: () => void) {
    this.#clock = clock;
    this.#settled = settled;
  }

  /** What is pending goes on with the delay that it had. */
  configure(delays: readonly LinkDelays[]): void {
    this.#delays = new Map(delays.map((one) => [one.interface, one]));
    for (const [name, { pending }] of this.#links) {
      if (this.#delays.has(name)) continue;
      pending?.cancel();
      this.#links.delete(name);
    }
  }

  /** Whether it counts as up, now that it is seen like this; the first sight counts at once. */
  see(name: string, isUp: boolean): boolean {
    const delays = this.#delays.get(name);
    if (delays === undefined) return isUp;
    const link = this.#links.get(name) ?? { isUp, pending: null };
    this.#links.set(name, link);
    if (isUp === link.isUp) {
      link.pending?.cancel();
      link.pending = null;
      return isUp;
    }
    const delayMs = isUp ? delays.upMs : delays.downMs;
    if (delayMs === 0) link.isUp = isUp;
    else link.pending ??= this.#clock.setTimer(delayMs, () => this.#turn(link, isUp));
    return link.isUp;
  }

  stop(): void {
    for (const { pending } of this.#links.values()) pending?.cancel();
    this.#links.clear();
  }

  #turn(link: Settled, isUp: boolean): void {
    link.pending = null;
    link.isUp = isUp;
    this.#settled();
  }
}
