// The routes that an instance is to announce, as they were said last. What was said is compared in
// slices, so that ten thousand routes do not hold up an advert; neighbours are told what differs.
import type { Prefix } from '../../net/prefix.js';
import { formatPrefix } from '../../net/prefix.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { AnnouncedRoute } from '../announced-route.js';

export type WantedRoutesObserver = {
  /** Wanted, otherwise wanted, or not wanted any more. */
  readonly changed: (key: string) => void;
  /** Some may have changed since; `isWhole`: there is nothing left to compare. */
  readonly flush: (isWhole: boolean) => void;
};

/** Well below a millisecond of comparing. */
const sliceRoutes = 500;

export class WantedRoutes {
  readonly #clock: Clock;
  readonly #observers = new Set<WantedRoutesObserver>();
  readonly #routes = new Map<string, AnnouncedRoute>();
  #isWhole = false;
  #pass: Iterator<void> | null = null;
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** false until all that was said first is known. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get size(): number {
    return this.#routes.size;
  }

  observe(observer: WantedRoutesObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  get(key: string): AnnouncedRoute | undefined {
    return this.#routes.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#routes.keys();
  }

  /** All of them; of two with the same prefix the last. Replaces what is being compared. */
  set(routes: readonly AnnouncedRoute[]): void {
    this.#timer?.cancel();
    this.#pass = this.#compare(routes);
    this.#advance();
  }

  close(): void {
    this.#timer?.cancel();
    this.#observers.clear();
  }

  #advance(): void {
    this.#timer = null;
    const isDone = this.#pass?.next().done !== false;
    if (isDone) {
      this.#pass = null;
      this.#isWhole = true;
    } else {
      this.#timer = this.#clock.setTimer(0, () => this.#advance());
    }
    for (const observer of this.#observers) observer.flush(isDone);
  }

  *#compare(routes: readonly AnnouncedRoute[]): Generator<void, void, void> {
    const seen = new Set<string>();
    let done = 0;
    for (const route of routes) {
      const key = formatPrefix(route.prefix);
      seen.add(key);
      this.#put(key, route);
      done += 1;
      if (done % sliceRoutes === 0) yield;
    }
    // A key may go while others are looked at: Map iterators allow for it.
    for (const key of this.#routes.keys()) {
      if (!seen.has(key)) {
        this.#routes.delete(key);
        this.#tell(key);
      }
      done += 1;
      if (done % sliceRoutes === 0) yield;
    }
  }

  #put(key: string, route: AnnouncedRoute): void {
    const before = this.#routes.get(key);
    if (before === route) return;
    this.#routes.set(key, route);
    if (before !== undefined && isSame(before, route)) return;
    this.#tell(key);
  }

  #tell(key: string): void {
    for (const observer of this.#observers) observer.changed(key);
  }
}

export function keyOf(prefix: Prefix): string {
  return formatPrefix(prefix);
}

function isSame(left: AnnouncedRoute, right: AnnouncedRoute): boolean {
  if (left.isShuttingDown !== right.isShuttingDown) return false;
  if (left.attributes === right.attributes) return true;
  return JSON.stringify(left.attributes) === JSON.stringify(right.attributes);
}
