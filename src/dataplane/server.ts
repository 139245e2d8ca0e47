// Serves a Dataplane at a UNIX socket. A client's requests are answered one after another; one that
// sends faster than it is answered, or does not read its answers, is no longer read from.
import { createServer, type Server, type Socket } from 'node:net';
import { err, type Result } from 'neverthrow';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Answer, Dataplane, DataplaneError } from './dataplane.js';
import { describeLineError, LineSplitter } from './lines.js';
import {
  type AnswerMessage,
  decodeHello,
  decodeRequest,
  describeProtocolError,
  encode,
  protocolVersion,
  type Request,
  requestBytesMax,
} from './protocol.js';
import { clearSocketFile, listenAt, type SocketFileError } from './socket-file.js';

export const clientsMax = 64;
const queuedRequestsMax = 64;
const helloTimeoutMs = 5000;

export type ServerOptions = {
  readonly dataplane: Dataplane;
  readonly path: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly log: Log;
  /** A client's `close` ended the data plane and has been answered. */
  readonly ended: () => void;
};

export class DataplaneServer {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #sessions = new Set<Session>();

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Replaces the socket that a dead process left; refuses to displace a living one. */
  static async listen(options: ServerOptions): Promise<Result<DataplaneServer, SocketFileError>> {
    const cleared = await clearSocketFile(options.path, options.clock);
    if (cleared.isErr()) return err(cleared.error);
    const server = new DataplaneServer(options);
    const listening = await listenAt(server.#server, options.path);
    return listening.map(() => server);
  }

  /** Disconnects every client and removes the socket. The data plane itself is left as it is. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.end();
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#sessions.size >= clientsMax) {
      const reason = `${clientsMax} clients are connected already`;
      socket.on('error', () => {});
      socket.write(encode(refusal(null, reason)));
      socket.destroySoon();
      this.#options.log.write('warning', `refused a client of the data plane: ${reason}`);
      return;
    }
    const session = new Session(socket, this.#options, () => this.#sessions.delete(session));
    this.#sessions.add(session);
  }
}

/** One connected client. */
class Session {
  readonly #socket: Socket;
  readonly #options: ServerOptions;
  readonly #lines = new LineSplitter(requestBytesMax);
  readonly #queue: string[] = [];
  #isGreeted = false;
  #isAnswering = false;
  #isClosed = false;

  constructor(socket: Socket, options: ServerOptions, gone: () => void) {
    this.#socket = socket;
    this.#options = options;
    const timer = options.clock.setTimer(helloTimeoutMs, () => {
      if (!this.#isGreeted) this.#refuse('no hello came in time');
    });
    socket.on('data', (chunk) => this.#read(chunk));
    // Its reason does not matter: 'close' always follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      timer.cancel();
      this.#isClosed = true;
      this.#queue.length = 0;
      gone();
    });
    const { pid } = options;
    socket.write(encode({ type: 'hello', version: protocolVersion, program: 'keelson', pid }));
  }

  end(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#isClosed) return;
    const lines = this.#lines.push(chunk);
    if (lines.isErr()) {
      this.#refuse(describeLineError(lines.error));
      return;
    }
    for (const line of lines.value) this.#queue.push(line);
    if (this.#queue.length > queuedRequestsMax) this.#socket.pause();
    void this.#answerQueue();
  }

  async #answerQueue(): Promise<void> {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    for (let line = this.#queue.shift(); line !== undefined; line = this.#queue.shift()) {
      if (this.#isGreeted) await this.#answer(line);
      else this.#greet(line);
      if (this.#queue.length === 0) this.#socket.resume();
    }
    this.#isAnswering = false;
  }

  #greet(line: string): void {
    const hello = decodeHello(line);
    if (hello.isErr()) this.#refuse(describeProtocolError(hello.error));
    else this.#isGreeted = true;
  }

  async #answer(line: string): Promise<void> {
    const request = decodeRequest(line);
    if (request.isErr()) {
      const { error } = request;
      const id = error.type === 'protocol.malformed' ? error.id : null;
      return this.#send(refusal(id, describeProtocolError(error)));
    }
    const { id, type } = request.value;
    const answer = await answerOf(this.#options.dataplane, request.value);
    if (answer.isErr()) return this.#send({ id, ok: false, error: answer.error });
    await this.#send({ id, ok: true, result: answer.value ?? null });
    if (type === 'close') this.#options.ended();
  }

  /** Resolves when the client has taken the message, or is gone. */
  #send(message: AnswerMessage): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => this.#socket.write(encode(message), () => resolve()));
  }

  #refuse(reason: string): void {
    this.#options.log.write('warning', `disconnected a client of the data plane: ${reason}`);
    this.#queue.length = 0;
    this.#isClosed = true;
    this.#socket.write(encode(refusal(null, reason)));
    this.#socket.destroySoon();
  }
}

function answerOf(dataplane: Dataplane, request: Request): Answer<unknown> {
  switch (request.type) {
    case 'open':
      return dataplane.open(request.options);
    case 'apply':
      return dataplane.apply(request.changes);
    case 'lease': {
      const { holder, device, addresses, durationMs } = request;
      return dataplane.lease(holder, device, addresses, durationMs);
    }
    case 'release':
      return dataplane.release(request.holder, request.addresses);
    case 'leases':
      return dataplane.leases(request.holder);
    case 'announce':
      return dataplane.announce(request.device, request.addresses);
    case 'connections':
      return dataplane.connections(request.filter);
    case 'zero':
      return dataplane.zero(request.service);
    case 'running':
    case 'addresses':
    case 'routes':
    case 'ports':
    case 'neighbors':
    case 'statistics':
    case 'close':
      return dataplane[request.type]();
  }
}

function refusal(id: number | null, reason: string): AnswerMessage {
  const error: DataplaneError = { type: 'dataplane.refused', reason };
  return { id, ok: false, error };
}
