// Requests to rtnetlink and their answers: one at a time on one socket, matched by sequence number,
// bounded in time, asked again when the kernel lost part of an answer. Contents are netlink.ts's.
import { err, ok, type Result } from 'neverthrow';
import type { Clock, Timer } from '../ports/clock.js';
import {
  decodeAcknowledgement,
  decodeMessages,
  describeNetlinkError,
  encodeMessage,
  messageFlags,
  messageTypes,
  type NetlinkError,
  type NetlinkMessage,
} from './netlink.js';
import { concatenated } from './netlink-attributes.js';
import {
  describeErrorNumber,
  describeSocketsError,
  type openRouteSocket,
  type RouteEvent,
  type RouteSocket,
} from './sockets.js';

export type RouteError =
  /** The kernel's no. */
  | { readonly type: 'route.refused'; readonly errorNumber: number; readonly text: string | null }
  /** Notifications or parts of a dump were lost, each time that we asked. */
  | { readonly type: 'route.lost' }
  | { readonly type: 'route.unanswered' }
  | { readonly type: 'route.too_many'; readonly waiting: number }
  | { readonly type: 'route.unavailable'; readonly reason: string }
  | NetlinkError;

export type RouteRequest = {
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  /** Done right before it, in the same system call; what the kernel says of them is not heard. */
  readonly preludes?: readonly Prelude[];
};

export type Prelude = { readonly type: number; readonly payload: Uint8Array };

type Outcome =
  | { readonly type: 'route.answered'; readonly answers: readonly NetlinkMessage[] }
  | RouteError;

type Pending = {
  readonly request: RouteRequest;
  readonly settle: (outcome: Outcome) => void;
  answers: NetlinkMessage[];
  sequence: number;
  triesLeft: number;
  timer: Timer | null;
};

const answerTimeoutMs = 2_000;
const triesMax = 5;
const waitingMax = 10_000;
/** Of messages whose answers nobody waits for. */
const noSequence = 0;

export function describeRouteError(error: RouteError): string {
  switch (error.type) {
    case 'route.refused': {
      const reason = describeErrorNumber(error.errorNumber);
      return error.text === null ? reason : `${reason} (${error.text})`;
    }
    case 'route.lost':
      return 'the kernel lost part of its answer each time';
    case 'route.unanswered':
      return `the kernel did not answer within ${answerTimeoutMs / 1000} seconds`;
    case 'route.too_many':
      return `${error.waiting} requests wait already`;
    case 'route.unavailable':
      return `no netlink socket: ${error.reason}`;
    case 'netlink.malformed':
      return describeNetlinkError(error);
  }
}

export class RouteRequests {
  readonly #clock: Clock;
  readonly #open: typeof openRouteSocket;
  readonly #waiting: Pending[] = [];
  #current: Pending | null = null;
  #socket: RouteSocket | null = null;
  #sequence = 0;
  #isAsking = false;

  constructor(clock: Clock, open: typeof openRouteSocket) {
    this.#clock = clock;
    this.#open = open;
  }

  /**
   * The messages of a dump; none for anything else. Requests are asked in the order of the calls.
   */
  async ask(request: RouteRequest): Promise<Result<readonly NetlinkMessage[], RouteError>> {
    const waiting = this.#waiting.length;
    if (waiting >= waitingMax) return err({ type: 'route.too_many', waiting });
    const outcome = await new Promise<Outcome>((settle) => {
      const pending = { answers: [], sequence: 0, triesLeft: triesMax, timer: null };
      this.#waiting.push({ request, settle, ...pending });
      this.#askNext();
    });
    return outcome.type === 'route.answered' ? ok(outcome.answers) : err(outcome);
  }

  #askNext(): void {
    // A send that fails at once settles and comes back here; the loop goes on by itself.
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#current === null) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#current = next;
      this.#send(next);
    }
    this.#isAsking = false;
  }

  /** Settles at once when nothing can be sent. */
  #send(pending: Pending): void {
    const { request } = pending;
    pending.triesLeft--;
    pending.answers = [];
    pending.sequence = this.#sequence = this.#sequence === 0xffffffff ? 1 : this.#sequence + 1;
    pending.timer?.cancel();
    pending.timer = this.#clock.setTimer(answerTimeoutMs, () => {
      this.#dropSocket();
      this.#finish(pending, { type: 'route.unanswered' });
    });
    const bytes = datagramOf(request, pending.sequence);
    const sent = this.#openSocket().andThen((socket) => socket.send(bytes));
    if (sent.isOk()) return;
    const reason = describeSocketsError(sent.error);
    this.#finish(pending, { type: 'route.unavailable', reason });
  }

  #openSocket(): ReturnType<typeof openRouteSocket> {
    if (this.#socket !== null) return ok(this.#socket);
    const opened = this.#open(0, (event) => this.#follow(event));
    if (opened.isOk()) this.#socket = opened.value;
    return opened;
  }

  /** The kernel refuses a dump while another one is unread on the same socket. */
  #dropSocket(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  #follow(event: RouteEvent): void {
    const pending = this.#current;
    if (event.type !== 'received') {
      this.#dropSocket();
      if (pending !== null) this.#askAgain(pending);
      return;
    }
    if (pending === null) return;
    const messages = decodeMessages(event.messages);
    if (messages.isErr()) {
      this.#dropSocket();
      this.#finish(pending, messages.error);
      return;
    }
    for (const message of messages.value) {
      // What is late or settled already has another number.
      if (this.#current === pending && message.sequence === pending.sequence) {
        this.#take(pending, message);
      }
    }
  }

  #take(pending: Pending, message: NetlinkMessage): void {
    pending.answers.push(message);
    if (message.type !== messageTypes.error && message.type !== messageTypes.done) return;
    const acknowledgement = decodeAcknowledgement(message);
    const wasInterrupted = pending.answers.some(
      ({ flags, type }) => type !== messageTypes.error && (flags & messageFlags.interrupted) !== 0,
    );
    if (acknowledgement.isErr()) this.#finish(pending, acknowledgement.error);
    else if (acknowledgement.value.errorNumber !== 0) {
      this.#finish(pending, { type: 'route.refused', ...acknowledgement.value });
    } else if (wasInterrupted) this.#askAgain(pending);
    else this.#finish(pending, { type: 'route.answered', answers: pending.answers.slice(0, -1) });
  }

  /** All our requests may be repeated: they read, or say what shall be. */
  #askAgain(pending: Pending): void {
    if (pending.triesLeft > 0) this.#send(pending);
    else this.#finish(pending, { type: 'route.lost' });
  }

  #finish(pending: Pending, outcome: Outcome): void {
    if (this.#current !== pending) return;
    pending.timer?.cancel();
    this.#current = null;
    pending.settle(outcome);
    this.#askNext();
  }
}

function datagramOf({ preludes = [], ...request }: RouteRequest, sequence: number): Uint8Array {
  const flags = request.flags | messageFlags.request;
  return concatenated([
    ...preludes.map((prelude) =>
      encodeMessage({ ...prelude, flags: messageFlags.request, sequence: noSequence }),
    ),
    encodeMessage({ ...request, flags, sequence }),
  ]);
}
