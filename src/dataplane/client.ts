// The data plane of another process, over its UNIX socket.
import { connect as connectSocket, type Socket } from 'node:net';
import { err, ok, type Result } from 'neverthrow';
import type { Prefix } from '../net/prefix.js';
import type { Clock, Timer } from '../ports/clock.js';
import type {
  AddressStatus,
  Answer,
  ChangeFailure,
  ConnectionFilter,
  ConnectionList,
  Dataplane,
  DataplaneError,
  LeaseStatus,
  NeighborStatus,
  OpenOptions,
  PortStatus,
  Statistics,
} from './dataplane.js';
import { describeLineError, LineSplitter } from './lines.js';
import {
  type AnswerMessage,
  answerBytesMax,
  decodeAnswer,
  decodeHello,
  describeProtocolError,
  encode,
  protocolVersion,
  type Request,
} from './protocol.js';
import { reasonOf } from './socket-file.js';
import type { Change, DesiredState, Route, ServiceKey } from './state.js';

/** Memory is reserved and devices are probed in `open`; `close` waits for the workers. */
const slowTimeoutMsMin = 60_000;
const pendingMax = 1024;

type Pending = {
  readonly timer: Timer;
  readonly succeeded: (result: unknown) => void;
  readonly failed: (error: DataplaneError) => void;
};

export class DataplaneClient implements Dataplane {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #closed: (reason: string) => void;
  readonly #lines = new LineSplitter(answerBytesMax);
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  /** Called once: null when the greeting went well. */
  #greeted: ((refusal: DataplaneError | null) => void) | null = null;
  /** Why nothing can be asked any more. */
  #closedReason: string | null = null;

  private constructor(
    socket: Socket,
    clock: Clock,
    timeoutMs: number,
    closed: (reason: string) => void,
  ) {
    this.#socket = socket;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#closed = closed;
  }

  /**
   * `timeoutMs` bounds the greeting and every request but the slow ones (open, close). `closed` is
   * called once when the connection is lost later; not after `disconnect`.
   */
  static async connect(
    path: string,
    clock: Clock,
    timeoutMs: number,
    closed: (reason: string) => void = () => {},
  ): Promise<Result<DataplaneClient, DataplaneError>> {
    const client = new DataplaneClient(connectSocket(path), clock, timeoutMs, closed);
    const refusal = await client.#greet();
    if (refusal === null) return ok(client);
    client.disconnect();
    return err(refusal);
  }

  /** Ends the connection; the data plane runs on. */
  disconnect(): void {
    this.#fail('disconnected', false);
    this.#socket.destroySoon();
  }

  open(options: OpenOptions): Answer<void> {
    return this.#ask({ type: 'open', options }, Math.max(this.#timeoutMs, slowTimeoutMsMin));
  }

  running(): Answer<DesiredState> {
    return this.#ask({ type: 'running' });
  }

  apply(changes: readonly Change[]): Answer<readonly ChangeFailure[]> {
    return this.#ask({ type: 'apply', changes });
  }

  lease(
    holder: string,
    device: string,
    addresses: readonly Prefix[],
    durationMs: number | null,
  ): Answer<void> {
    return this.#ask({ type: 'lease', holder, device, addresses, durationMs });
  }

  release(holder: string, addresses: readonly Prefix[]): Answer<void> {
    return this.#ask({ type: 'release', holder, addresses });
  }

  leases(holder: string): Answer<readonly LeaseStatus[]> {
    return this.#ask({ type: 'leases', holder });
  }

  announce(device: string, addresses: readonly Prefix[]): Answer<void> {
    return this.#ask({ type: 'announce', device, addresses });
  }

  addresses(): Answer<readonly AddressStatus[]> {
    return this.#ask({ type: 'addresses' });
  }

  routes(): Answer<readonly Route[]> {
    return this.#ask({ type: 'routes' });
  }

  ports(): Answer<readonly PortStatus[]> {
    return this.#ask({ type: 'ports' });
  }

  neighbors(): Answer<readonly NeighborStatus[]> {
    return this.#ask({ type: 'neighbors' });
  }

  statistics(): Answer<Statistics> {
    return this.#ask({ type: 'statistics' });
  }

  connections(filter: ConnectionFilter): Answer<ConnectionList> {
    return this.#ask({ type: 'connections', filter });
  }

  zero(service: ServiceKey | null): Answer<void> {
    return this.#ask({ type: 'zero', service });
  }

  close(): Answer<void> {
    return this.#ask({ type: 'close' }, Math.max(this.#timeoutMs, slowTimeoutMsMin));
  }

  #greet(): Promise<DataplaneError | null> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(this.#timeoutMs, () => {
        this.#fail(`no greeting within ${this.#timeoutMs} ms`, true);
      });
      this.#greeted = (refusal) => {
        timer.cancel();
        this.#greeted = null;
        resolve(refusal);
      };
      this.#socket.on('data', (chunk) => this.#read(chunk));
      this.#socket.on('error', (error) => this.#fail(reasonOf(error), true));
      this.#socket.on('close', () => this.#fail('it closed the connection', true));
      const { pid } = process;
      this.#socket.write(
        encode({ type: 'hello', version: protocolVersion, program: 'keelson', pid }),
      );
    });
  }

  #ask<T>(request: Request, timeoutMs = this.#timeoutMs): Answer<T> {
    const refusal = this.#closedReason ?? this.#crowding();
    if (refusal !== null) return Promise.resolve(err(unreachable(refusal)));
    const id = this.#nextId++;
    const timer = this.#clock.setTimer(timeoutMs, () => {
      this.#take(id)?.failed(unreachable(`no answer to "${request.type}" within ${timeoutMs} ms`));
    });
    return new Promise((resolve) => {
      this.#pending.set(id, {
        timer,
        // The version in the greeting says that the answer has the type of the question.
        succeeded: (result) => resolve(ok(result as T)),
        failed: (error) => resolve(err(error)),
      });
      this.#socket.write(encode({ ...request, id }));
    });
  }

  #crowding(): string | null {
    if (this.#pending.size < pendingMax) return null;
    return `${pendingMax} requests wait for an answer already`;
  }

  /** Null: its time was up, or it was never asked. */
  #take(id: number): Pending | null {
    const pending = this.#pending.get(id) ?? null;
    this.#pending.delete(id);
    pending?.timer.cancel();
    return pending;
  }

  #read(chunk: Buffer): void {
    const lines = this.#lines.push(chunk);
    if (lines.isErr()) {
      this.#fail(describeLineError(lines.error), true);
      return;
    }
    for (const line of lines.value) {
      if (this.#closedReason !== null) return;
      if (this.#greeted === null) this.#takeAnswer(line);
      else this.#takeGreeting(line);
    }
  }

  #takeGreeting(line: string): void {
    const hello = decodeHello(line);
    if (hello.isOk()) {
      this.#greeted?.(null);
      return;
    }
    const answer = decodeAnswer(line);
    const isRefusal = answer.isOk() && !answer.value.ok;
    const reason = describeProtocolError(hello.error);
    this.#greeted?.(isRefusal ? answer.value.error : unreachable(reason));
  }

  #takeAnswer(line: string): void {
    const answer = decodeAnswer(line);
    if (answer.isErr()) this.#fail(describeProtocolError(answer.error), true);
    else if (answer.value.id === null) this.#fail(refusalOf(answer.value), true);
    else if (answer.value.ok) {
      this.#take(answer.value.id)?.succeeded(answer.value.result ?? undefined);
    } else this.#take(answer.value.id)?.failed(answer.value.error);
  }

  /**
   * Everything that waits fails, and so does everything asked later. Only the first reason counts.
   */
  #fail(reason: string, isLoss: boolean): void {
    if (this.#closedReason !== null) return;
    this.#closedReason = reason;
    const wasGreeted = this.#greeted === null;
    this.#greeted?.(unreachable(reason));
    for (const id of [...this.#pending.keys()]) this.#take(id)?.failed(unreachable(reason));
    if (!isLoss) return;
    this.#socket.destroy();
    if (wasGreeted) this.#closed(reason);
  }
}

function unreachable(reason: string): DataplaneError {
  return { type: 'dataplane.unreachable', reason };
}

function refusalOf(answer: AnswerMessage): string {
  return answer.ok || answer.error.type === 'dataplane.restart_needed'
    ? 'it broke the protocol'
    : answer.error.reason;
}
