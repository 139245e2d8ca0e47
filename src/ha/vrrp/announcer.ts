// Tells the segment where one instance's addresses are, for as long as it is MASTER: now, again
// after a while, and whenever it is time for a refresh. What is to be sent goes to the queues.
import type { GarpSettings } from '../../config/garp.js';
import type { VirtualAddress } from '../../config/vrrp.js';
import { formatPrefix } from '../../net/prefix.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { AnnouncementQueues, SendAnnouncements } from './announcement-queues.js';
import {
  type AnnouncementReason,
  burstsOf,
  extraOf,
  type Recurring,
  refreshOf,
  type Surroundings,
} from './announcement-schedule.js';

export type AnnouncerOptions = {
  readonly clock: Clock;
  readonly queues: AnnouncementQueues;
  /** The instance's name. */
  readonly holder: string;
  /** Both are asked anew each time: a reload changes them. Excluded addresses count too. */
  readonly garp: () => GarpSettings;
  readonly surroundings: () => Surroundings;
  readonly send: SendAnnouncements;
};

type Recurrence = 'refresh' | 'extra';

export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #again = new Map<AnnouncementReason, Timer>();
  readonly #dueMs = new Map<Recurrence, number>();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** `addresses`: all of them unless given. */
  announce(reason: AnnouncementReason, addresses?: readonly VirtualAddress[]): void {
    const { clock, garp, surroundings } = this.#options;
    const { rounds, againAfterMs } = burstsOf(garp(), reason);
    this.#add(addresses ?? surroundings().addresses, rounds);
    this.#again.get(reason)?.cancel();
    this.#again.delete(reason);
    if (againAfterMs !== null) {
      this.#again.set(
        reason,
        clock.setTimer(againAfterMs, () => this.#repeat(reason)),
      );
    }
  }

  /** Called with each advert that has left: refreshes keep to the adverts. */
  advertLeft(): void {
    const { garp, surroundings } = this.#options;
    const [settings, around] = [garp(), surroundings()];
    this.#recur('refresh', refreshOf(settings, around));
    this.#recur('extra', extraOf(settings, around));
  }

  /** No longer MASTER: whatever waits is not sent. */
  stop(): void {
    for (const timer of this.#again.values()) timer.cancel();
    this.#again.clear();
    this.#dueMs.clear();
    this.#options.queues.drop(this.#options.holder);
  }

  #repeat(reason: AnnouncementReason): void {
    this.#again.delete(reason);
    const { garp, surroundings } = this.#options;
    this.#add(surroundings().addresses, burstsOf(garp(), reason).rounds);
  }

  #recur(name: Recurrence, recurring: Recurring | null): void {
    if (recurring === null) {
      this.#dueMs.delete(name);
      return;
    }
    const nowMs = this.#options.clock.nowMs();
    // The first advert only begins to count: its own burst is under way.
    const dueMs = this.#dueMs.get(name) ?? nowMs + recurring.intervalMs;
    this.#dueMs.set(name, nowMs >= dueMs ? nowMs + recurring.intervalMs : dueMs);
    if (nowMs >= dueMs) this.#add(recurring.addresses, recurring.rounds);
  }

  #add(addresses: readonly VirtualAddress[], rounds: number): void {
    const { queues, holder } = this.#options;
    if (rounds === 0 || addresses.length === 0) return;
    queues.add({ holder, addresses, rounds, send: (batch) => this.#send(batch) });
  }

  /** A reload may have taken away some of what waited. */
  #send(batch: readonly VirtualAddress[]): Promise<boolean> {
    const { addresses } = this.#options.surroundings();
    const ours = new Set(addresses.map(({ prefix }) => formatPrefix(prefix)));
    const left = batch.filter(({ prefix }) => ours.has(formatPrefix(prefix)));
    return left.length > 0 ? this.#options.send(left) : Promise.resolve(true);
  }
}
