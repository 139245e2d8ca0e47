// Which interface's messages wait for which others: a queue for each garp_group, and one for each
// interface that is in none.
import type { GarpRate, GarpRates } from '../../config/garp.js';
import type { VirtualAddress } from '../../config/vrrp.js';
import type { Clock } from '../../ports/clock.js';
import { type Announcement, AnnouncementQueue, Turn } from './announcement-queue.js';

export type { SendAnnouncements } from './announcement-queue.js';

/** At some 10 us for a frame, well below what the protocol loop may take at a time. */
const messagesPerTurn = 64;

const unlimited: GarpRates = {
  others: { arpIntervalMs: 0, advertisementIntervalMs: 0 },
  groups: [],
};

export class AnnouncementQueues {
  readonly #clock: Clock;
  readonly #turn: Turn;
  readonly #queues = new Map<string, AnnouncementQueue>();
  #rates: GarpRates = unlimited;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#turn = new Turn(clock, messagesPerTurn);
  }

  /** What waits is sent at the new rates. */
  configure(rates: GarpRates): void {
    if (JSON.stringify(rates) === JSON.stringify(this.#rates)) return;
    const waiting = [...this.#queues.values()].flatMap((queue) => queue.empty());
    this.#queues.clear();
    this.#rates = rates;
    for (const announcement of waiting) this.add(announcement);
  }

  add(announcement: Announcement): void {
    const groups = new Map<AnnouncementQueue, VirtualAddress[]>();
    for (const address of announcement.addresses) {
      const queue = this.#queueOf(address.device);
      const group = groups.get(queue);
      if (group === undefined) groups.set(queue, [address]);
      else group.push(address);
    }
    for (const [queue, addresses] of groups) queue.add({ ...announcement, addresses });
  }

  /** Nothing of the holder is sent any more. */
  drop(holder: string): void {
    for (const queue of this.#queues.values()) queue.drop(holder);
  }

  #queueOf(device: string): AnnouncementQueue {
    const index = this.#rates.groups.findIndex(({ interfaces }) => interfaces.includes(device));
    const group = this.#rates.groups[index];
    if (group !== undefined) return this.#opened(`group ${index}`, group);
    return this.#opened(device, this.#rates.others);
  }

  #opened(name: string, rate: GarpRate): AnnouncementQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new AnnouncementQueue(this.#clock, this.#turn, rate);
    this.#queues.set(name, queue);
    return queue;
  }
}
