// Tells the operator when a source address has no port left for new connections (DPVS: sa_miss),
// and when a NIC spreads packets otherwise than its hash key and table say. Both are counted
// anyway; a log line says what to do. Bounded: a line per object and minute, a few per round.
import { formatEndpoint } from '../net/address.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { LocalAddressCounters, PortStatus } from './dataplane.js';

const intervalMs = 5_000;
const silenceMs = 60_000;
const linesPerRound = 8;
/** Packets on the wrong worker that tables in the making may explain. */
const misdirectedMin = 1_000;

export type SourcePortWorld = {
  readonly clock: Clock;
  readonly log: Log;
  /** Empty while the data plane is not open. */
  readonly sources: () => readonly LocalAddressCounters[];
  readonly ports: () => readonly PortStatus[];
};

type Complaint = { readonly subject: string; readonly count: number; readonly sentence: string };

export class SourcePortWatch {
  readonly #world: SourcePortWorld;
  /** By subject: the count that was complained of, and when. */
  readonly #told = new Map<string, { readonly count: number; readonly atMs: number }>();
  #timer: Timer;

  constructor(world: SourcePortWorld) {
    this.#world = world;
    this.#timer = this.#again();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #again(): Timer {
    return this.#world.clock.setTimer(intervalMs, () => {
      this.#look();
      this.#timer = this.#again();
    });
  }

  #look(): void {
    const nowMs = this.#world.clock.nowMs();
    const due = this.#complaints().filter(({ subject, count }) => {
      const told = this.#told.get(subject);
      if (told === undefined) return count > 0;
      return count > told.count && nowMs - told.atMs >= silenceMs;
    });
    for (const { subject, count, sentence } of due.slice(0, linesPerRound)) {
      this.#told.set(subject, { count, atMs: nowMs });
      this.#world.log.write('warning', sentence);
    }
    const rest = due.length - linesPerRound;
    if (rest > 0) this.#world.log.write('warning', `and ${rest} more (dpip addr show -s)`);
  }

  #complaints(): Complaint[] {
    const current = [
      ...this.#world.sources().flatMap(complaintsOfSource),
      ...this.#world.ports().flatMap(complaintsOfPort),
    ];
    const subjects = new Set(current.map(({ subject }) => subject));
    for (const subject of this.#told.keys()) {
      if (!subjects.has(subject)) this.#told.delete(subject);
    }
    return current;
  }
}

function complaintsOfSource({
  address,
  missedBy,
  missedServer,
}: LocalAddressCounters): Complaint[] {
  const to = missedServer === undefined ? '' : `, last towards ${formatEndpoint(missedServer)}`;
  return [
    {
      subject: `${address} exhausted`,
      count: missedBy.exhausted,
      sentence:
        `local address ${address} had no free port for ${missedBy.exhausted} new connections${to}` +
        ' (sa_miss): give the service more local addresses',
    },
    {
      subject: `${address} no share`,
      count: missedBy.noShare,
      sentence:
        `local address ${address} has no port whose return packets reach the worker, for ` +
        `${missedBy.noShare} new connections (sa_miss): the RSS table of its port leaves workers ` +
        'without entries; use fewer workers or another key',
    },
  ];
}

function complaintsOfPort({ name, misdirected }: PortStatus): Complaint[] {
  return [
    {
      subject: `port ${name}`,
      count: misdirected < misdirectedMin ? 0 : misdirected,
      sentence:
        `port ${name} gave ${misdirected} packets to other workers than its RSS key and table ` +
        'say: they are handed over, which costs speed',
    },
  ];
}
