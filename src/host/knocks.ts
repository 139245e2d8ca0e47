// Connections that are closed as soon as they are established: what TCP_CHECK wants to know, ten
// thousand times a second. So there is no promise and no timer for each of them: those with equal
// timeouts stand in one line, of which only the oldest is waited for. Nor a call into the addon:
// all that begin in one turn of the loop begin with one.
import type { FlowFailure, FlowSettings, KnockEnded } from '../ports/flows.js';
import { failureOf } from './socket-flow.js';
import { type FlowTable, flowNews } from './sockets.js';

const timedOut: FlowFailure = { type: 'timed_out' };

/** So many begin in one call. */
const batchMax = 256;

type Knock = {
  /** What the addon made of its settings, until it begins; then the number of the flow. */
  number: number;
  deadlineMs: number;
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
  /** By timeout; as many as configurations have had different ones. */
  readonly #lines = new Map<number, Line>();
  /** Of settings that come again and again what the addon made of them. */
  readonly #prepared = new WeakMap<FlowSettings, number>();
  readonly #unused: FinalizationRegistry<number>;
  readonly #batch = new Int32Array(batchMax);
  /** Those that begin when this turn of the loop ends. */
  #asked: Knock[] = [];
  readonly #begin = (): void => {
    const asked = this.#asked;
    this.#asked = [];
    const nowMs = performance.now();
    for (let first = 0; first < asked.length; first += batchMax) {
      this.#beginBatch(asked, first, nowMs);
    }
  };

  constructor(table: FlowTable) {
    this.#table = table;
    this.#unused = new FinalizationRegistry((number) => table.forgetKnock(number));
  }

  /** Throws what the addon throws at settings that it cannot read. */
  knock(settings: FlowSettings, timeoutMs: number, ended: KnockEnded): void {
    const number = this.#preparedOf(settings);
    if (number < 0) {
      queueMicrotask(() => ended(failureOf(-number)));
      return;
    }
    if (this.#asked.length === 0) queueMicrotask(this.#begin);
    this.#asked.push({ number, deadlineMs: 0, ended, line: this.#line(timeoutMs) });
  }

  /** News of the table; false: it is of none of these. */
  happened(number: number, bits: number, errorNumber: number): boolean {
    const knock = this.#knocks.get(number);
    if (knock === undefined) return false;
    this.#forget(knock);
    knock.ended((bits & flowNews.failed) === 0 ? null : failureOf(errorNumber));
    return true;
  }

  #beginBatch(asked: readonly Knock[], first: number, nowMs: number): void {
    const batch = this.#batch;
    const count = Math.min(asked.length - first, batchMax);
    for (let at = 0; at < count; at++) batch[at] = asked[first + at]?.number ?? 0;
    this.#table.knock(batch, count);
    for (let at = 0; at < count; at++) {
      const knock = asked[first + at];
      if (knock !== undefined) this.#began(knock, batch[at] ?? 0, nowMs);
    }
  }

  /** A number below 0 is -errno. */
  #began(knock: Knock, number: number, nowMs: number): void {
    const { line } = knock;
    if (number < 0) {
      knock.ended(failureOf(-number));
      return;
    }
    knock.number = number;
    knock.deadlineMs = nowMs + line.timeoutMs;
    this.#knocks.set(number, knock);
    line.waiting.add(knock);
    line.timer ??= this.#timer(line, line.timeoutMs);
  }

  /** Below 0 it is -errno. */
  #preparedOf(settings: FlowSettings): number {
    const known = this.#prepared.get(settings);
    if (known !== undefined) return known;
    const { target, source, sourcePort, sourceInterface, mark } = settings;
    const made = this.#table.prepareKnock(target, source, sourcePort, sourceInterface, mark);
    if (made < 0) return made;
    this.#prepared.set(settings, made);
    this.#unused.register(settings, made);
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
    if (line.waiting.size > 0 || line.timer === null) return;
    clearTimeout(line.timer);
    line.timer = null;
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
    for (const { number, ended } of due) {
      this.#table.close(number);
      ended(timedOut);
    }
  }
}
