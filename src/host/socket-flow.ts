// One flow of the addon's table: tries first, and waits for news only when the kernel has nothing
// to give or no room to take. A timer runs only while something waits.
import { constants } from 'node:os';
import type { Flow, FlowFailure, OpenOutcome, ReceiveOutcome } from '../ports/flows.js';
import { describeErrorNumber, type FlowTable, flowNews } from './sockets.js';

const { EAGAIN, ECONNREFUSED, ETIMEDOUT } = constants.errno;

/** Shared by all flows of a thread: what comes is copied out at once. A datagram fits. */
const room = new Uint8Array(65_536);

const closed: FlowFailure = { type: 'failed', reason: 'closed here' };
const timedOut: FlowFailure = { type: 'timed_out' };

export function failureOf(errorNumber: number): FlowFailure {
  if (errorNumber === ECONNREFUSED) return { type: 'refused' };
  if (errorNumber === ETIMEDOUT) return timedOut;
  return { type: 'failed', reason: describeErrorNumber(errorNumber) };
}

type Waiting<Outcome> = {
  readonly settle: (outcome: Outcome | FlowFailure) => void;
  readonly timer: NodeJS.Timeout | null;
};

export class SocketFlow implements Flow {
  readonly #table: FlowTable;
  readonly #number: number;
  readonly #isStream: boolean;
  readonly #forget: () => void;
  #isClosed = false;
  #connecting: Waiting<OpenOutcome> | null = null;
  #receiving: (Waiting<ReceiveOutcome> & { readonly bytesMax: number }) | null = null;
  #sending: (Waiting<null> & { readonly bytes: Uint8Array; offset: number }) | null = null;

  /** `forget` is called when it is closed: no news is wanted any more. */
  constructor(table: FlowTable, number: number, isStream: boolean, forget: () => void) {
    this.#table = table;
    this.#number = number;
    this.#isStream = isStream;
    this.#forget = forget;
  }

  /** Of TCP, once. */
  connected(timeoutMs: number): Promise<OpenOutcome> {
    return new Promise((resolve) => {
      const settle = (outcome: OpenOutcome): void => {
        stop(this.#connecting);
        this.#connecting = null;
        if (outcome.type !== 'opened') this.close();
        resolve(outcome);
      };
      this.#connecting = { settle, timer: timerOf(timeoutMs, settle) };
    });
  }

  send(bytes: Uint8Array, timeoutMs: number): Promise<FlowFailure | null> {
    if (this.#isClosed) return Promise.resolve(closed);
    const sent = this.#table.send(this.#number, bytes, 0);
    const isPart = sent >= 0 && sent < bytes.length;
    if (!isPart && sent !== -EAGAIN) return Promise.resolve(sent < 0 ? failureOf(-sent) : null);
    return new Promise((resolve) => {
      const settle = (outcome: FlowFailure | null): void => {
        stop(this.#sending);
        this.#sending = null;
        resolve(outcome);
      };
      const timer = timerOf(timeoutMs, settle);
      this.#sending = { settle, timer, bytes, offset: Math.max(sent, 0) };
    });
  }

  receive(bytesMax: number, timeoutMs: number): Promise<ReceiveOutcome> {
    const outcome = this.#taken(bytesMax);
    if (outcome !== null) return Promise.resolve(outcome);
    return new Promise((resolve) => {
      const settle = (outcome: ReceiveOutcome): void => {
        stop(this.#receiving);
        this.#receiving = null;
        resolve(outcome);
      };
      this.#receiving = { settle, timer: timerOf(timeoutMs, settle), bytesMax };
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#table.close(this.#number);
    this.#forget();
    this.#connecting?.settle(closed);
    this.#receiving?.settle(closed);
    this.#sending?.settle(closed);
  }

  /** News of the table. */
  happened(bits: number, errorNumber: number): void {
    if ((bits & flowNews.opened) !== 0) this.#connecting?.settle({ type: 'opened', flow: this });
    if ((bits & flowNews.failed) !== 0) this.#connecting?.settle(failureOf(errorNumber));
    if ((bits & flowNews.readable) !== 0) this.#receiveMore();
    if ((bits & flowNews.writable) !== 0) this.#sendMore();
  }

  /** null: nothing is there yet. */
  #taken(bytesMax: number): ReceiveOutcome | null {
    if (this.#isClosed) return closed;
    const length = this.#table.receive(this.#number, room, bytesMax);
    if (length === -EAGAIN) return null;
    if (length < 0) return failureOf(-length);
    if (length === 0 && this.#isStream) return { type: 'ended', isClean: true };
    return { type: 'received', bytes: room.slice(0, length) };
  }

  #receiveMore(): void {
    const receiving = this.#receiving;
    if (receiving === null) return;
    const outcome = this.#taken(receiving.bytesMax);
    if (outcome !== null) receiving.settle(outcome);
  }

  #sendMore(): void {
    const sending = this.#sending;
    if (sending === null) return;
    const sent = this.#table.send(this.#number, sending.bytes, sending.offset);
    if (sent === -EAGAIN) return;
    if (sent < 0) {
      sending.settle(failureOf(-sent));
      return;
    }
    sending.offset += sent;
    if (sending.offset === sending.bytes.length) sending.settle(null);
  }
}

/** Without an end, no timer. */
function timerOf(timeoutMs: number, settle: (outcome: FlowFailure) => void): NodeJS.Timeout | null {
  if (timeoutMs === Number.POSITIVE_INFINITY) return null;
  return setTimeout(settle, timeoutMs, timedOut);
}

function stop(waiting: Waiting<never> | null): void {
  if (waiting !== null && waiting.timer !== null) clearTimeout(waiting.timer);
}
