// Connections that are closed as soon as they are established: what TCP_CHECK wants to know, ten
// thousand times a second. So there is no promise and no timer for each of them: those with equal
// timeouts stand in one line, of which only the oldest is waited for.
import type { FlowFailure, FlowSettings, KnockEnded } from '../ports/flows.js';
import { failureOf } from './socket-flow.js';
import { type FlowTable, flowNews, type KnockSettings } from './sockets.js';

const timedOut: FlowFailure = { type: 'timed_out' };

type Knock = {
  readonly number: number;
  readonly deadlineMs: number;
  readonly ended: KnockEnded;
  readonly line: Line;
};

/** In the order in which they time out. */
type Line = {
  readonly timeoutMs: number;
  readonly waiting: Set<Knock>;
  timer: NodeJS.Timeout | null;
};

export class Knocks {
  readonly #table: FlowTable;
  readonly #knocks = new Map<number, Knock>();
  readonly #lines = new Map<number, Line>();
  /** Of settings that come again and again what the addon makes of them. */
  readonly #prepared = new WeakMap<FlowSettings, KnockSettings>();

  constructor(table: FlowTable) {
    this.#table = table;
  }

  /** Throws what the addon throws at settings that it cannot read. */
  knock(settings: FlowSettings, timeoutMs: number, ended: KnockEnded): void {
    const prepared = this.#preparedOf(settings);
    const number = typeof prepared === 'number' ? prepared : this.#table.knock(prepared);
    if (number < 0) {
      queueMicrotask(() => ended(failureOf(-number)));
      return;
    }
    const line = this.#line(timeoutMs);
    const knock: Knock = { number, deadlineMs: performance.now() + timeoutMs, ended, line };
    this.#knocks.set(number, knock);
    line.waiting.add(knock);
    line.timer ??= this.#timer(line, timeoutMs);
  }

  /** News of the table; false: it is of none of these. */
  happened(number: number, bits: number, errorNumber: number): boolean {
    const knock = this.#knocks.get(number);
    if (knock === undefined) return false;
    this.#forget(knock);
    knock.ended((bits & flowNews.failed) === 0 ? null : failureOf(errorNumber));
    return true;
  }

  /** A number is -errno. */
  #preparedOf(settings: FlowSettings): KnockSettings | number {
    const known = this.#prepared.get(settings);
    if (known !== undefined) return known;
    const { target, source, sourcePort, sourceInterface, mark } = settings;
    const made = this.#table.prepareKnock(target, source, sourcePort, sourceInterface, mark);
    if (typeof made !== 'number') this.#prepared.set(settings, made);
    return made;
  }

  #line(timeoutMs: number): Line {
    const known = this.#lines.get(timeoutMs);
    if (known !== undefined) return known;
    const line: Line = { timeoutMs, waiting: new Set(), timer: null };
    this.#lines.set(timeoutMs, line);
    return line;
  }

  #forget(knock: Knock): void {
    const { number, line } = knock;
    this.#knocks.delete(number);
    line.waiting.delete(knock);
    if (line.waiting.size > 0) return;
    this.#lines.delete(line.timeoutMs);
    if (line.timer !== null) clearTimeout(line.timer);
  }

  #timer(line: Line, delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#expire(line), delayMs);
  }

  #expire(line: Line): void {
    const nowMs = performance.now();
    const due: Knock[] = [];
    line.timer = null;
    for (const knock of line.waiting) {
      if (knock.deadlineMs > nowMs) {
        line.timer = this.#timer(line, Math.ceil(knock.deadlineMs - nowMs));
        break;
      }
      due.push(knock);
      this.#knocks.delete(knock.number);
      line.waiting.delete(knock);
    }
    if (line.waiting.size === 0) this.#lines.delete(line.timeoutMs);
    for (const { number, ended } of due) {
      this.#table.close(number);
      ended(timedOut);
    }
  }
}
