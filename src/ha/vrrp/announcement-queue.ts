// Messages about virtual addresses on their way out, for interfaces that share a rate: one round of
// every holder after the other, back to back or spaced. A holder waits once, so the queue is
// bounded by the addresses that there are.
import type { GarpRate } from '../../config/garp.js';
import type { VirtualAddress } from '../../config/vrrp.js';
import { familyOf } from '../../net/address.js';
import { formatPrefix } from '../../net/prefix.js';
import type { Clock } from '../../ports/clock.js';

/** False: they could not be sent, and what waits of the holder is given up. */
export type SendAnnouncements = (addresses: readonly VirtualAddress[]) => Promise<boolean>;

export type Announcement = {
  readonly holder: string;
  readonly addresses: readonly VirtualAddress[];
  /** Messages for each address: first one for each, then the second for each. */
  readonly rounds: number;
  readonly send: SendAnnouncements;
};

/** The finest that timers are; shorter intervals are kept on the average. */
const timerMs = 1;

/** How many messages may leave in one turn of the loop, all queues together. */
export class Turn {
  readonly #clock: Clock;
  readonly #messagesMax: number;
  #messages = 0;
  #next: Promise<void> | null = null;

  constructor(clock: Clock, messagesMax: number) {
    this.#clock = clock;
    this.#messagesMax = messagesMax;
  }

  /** 0: come back in the `next` turn. */
  get left(): number {
    return this.#messagesMax - this.#messages;
  }

  spend(messages: number): void {
    this.#messages += messages;
    void this.next();
  }

  next(): Promise<void> {
    this.#next ??= new Promise((resolve) => {
      this.#clock.setTimer(0, () => {
        this.#messages = 0;
        this.#next = null;
        resolve();
      });
    });
    return this.#next;
  }
}

/** Gratuitous ARP and neighbour advertisements have times of their own. */
export class AnnouncementQueue {
  readonly #lanes: { readonly ipv4: Lane; readonly ipv6: Lane };

  constructor(clock: Clock, turn: Turn, rate: GarpRate) {
    this.#lanes = {
      ipv4: new Lane(clock, turn, rate.arpIntervalMs),
      ipv6: new Lane(clock, turn, rate.advertisementIntervalMs),
    };
  }

  /** Joins what waits of the same holder: as many rounds as the longer of both has left. */
  add(announcement: Announcement): void {
    for (const family of ['ipv4', 'ipv6'] as const) {
      const addresses = announcement.addresses.filter(
        ({ prefix }) => familyOf(prefix.address) === family,
      );
      if (addresses.length > 0) this.#lanes[family].add({ ...announcement, addresses });
    }
  }

  drop(holder: string): void {
    this.#lanes.ipv4.drop(holder);
    this.#lanes.ipv6.drop(holder);
  }

  /** Nothing waits any more here; what did is the answer. */
  empty(): readonly Announcement[] {
    return [...this.#lanes.ipv4.empty(), ...this.#lanes.ipv6.empty()];
  }
}

type Job = {
  readonly announcement: Announcement;
  roundsLeft: number;
  roundsDone: number;
  position: number;
};

class Lane {
  readonly #clock: Clock;
  readonly #turn: Turn;
  readonly #intervalMs: number;
  readonly #jobs = new Map<string, Job>();
  #dueMs = 0;
  #isRunning = false;

  constructor(clock: Clock, turn: Turn, intervalMs: number) {
    this.#clock = clock;
    this.#turn = turn;
    this.#intervalMs = intervalMs;
  }

  add(announcement: Announcement): void {
    const { holder, rounds } = announcement;
    const waiting = this.#jobs.get(holder);
    const roundsLeft = Math.max(rounds, waiting?.roundsLeft ?? 0);
    const addresses = union(announcement.addresses, waiting?.announcement.addresses ?? []);
    this.#jobs.set(holder, {
      announcement: { ...announcement, addresses },
      roundsLeft,
      roundsDone: waiting?.roundsDone ?? 0,
      position: 0,
    });
    // The first message leaves at once, not a turn later: an advert has just left.
    if (!this.#isRunning) void this.#run();
  }

  drop(holder: string): void {
    this.#jobs.delete(holder);
  }

  empty(): readonly Announcement[] {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    return jobs.map(({ announcement, roundsLeft }) => ({ ...announcement, rounds: roundsLeft }));
  }

  /** Everything is looked at anew after each wait: meanwhile holders come and go. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      const waitMs = this.#dueMs - this.#clock.nowMs();
      if (waitMs > 0) await this.#pause(waitMs);
      else if (this.#turn.left <= 0) await this.#turn.next();
      else await this.#step(job);
    }
    this.#isRunning = false;
  }

  /** Everybody once before anybody twice. */
  #next(): Job | undefined {
    let next: Job | undefined;
    for (const job of this.#jobs.values()) {
      if (next === undefined || job.roundsDone < next.roundsDone) next = job;
    }
    return next;
  }

  /** One message, or as many of the round as may leave now. */
  async #step(job: Job): Promise<void> {
    const { holder, addresses, send } = job.announcement;
    const count = this.#intervalMs > 0 ? 1 : this.#turn.left;
    const batch = addresses.slice(job.position, job.position + count);
    job.position += batch.length;
    if (job.position >= addresses.length) {
      job.position = 0;
      job.roundsLeft -= 1;
      job.roundsDone += 1;
    }
    if (job.roundsLeft === 0) this.#jobs.delete(holder);
    this.#turn.spend(batch.length);
    const nowMs = this.#clock.nowMs();
    const slackMs = this.#intervalMs < timerMs ? timerMs : 0;
    this.#dueMs = Math.max(this.#dueMs, nowMs - slackMs) + this.#intervalMs;
    const isSent = await send(batch);
    if (!isSent && this.#jobs.get(holder) === job) this.#jobs.delete(holder);
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(delayMs, resolve);
    });
  }
}

function union(
  first: readonly VirtualAddress[],
  second: readonly VirtualAddress[],
): readonly VirtualAddress[] {
  const known = new Set(first.map(nameOf));
  return [...first, ...second.filter((address) => !known.has(nameOf(address)))];
}

function nameOf({ prefix, device }: VirtualAddress): string {
  return `${formatPrefix(prefix)} ${device}`;
}
