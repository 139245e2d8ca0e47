// TLS over a flow, by node:tls. Node.js does not say whether close_notify (RFC 8446 section 6.1)
// came before the end of the connection; so that end is kept from it here, and what ends the
// stream of TLS can only be a close_notify.
import { isIP } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import type { Flow, FlowFailure, OpenOutcome, ReceiveOutcome } from '../ports/flows.js';
import { FlowStream } from './flow-stream.js';
import { describeTls } from './tls-contexts.js';

/** How long close_notify may take to leave. */
const closeTimeoutMs = 1_000;

const timedOut: FlowFailure = { type: 'timed_out' };

export type TlsFlowSettings = {
  readonly secureContext: SecureContext;
  /** null: not sent. */
  readonly serverName: string | null;
};

type Receiving = {
  readonly bytesMax: number;
  readonly settle: (outcome: ReceiveOutcome) => void;
};

export class TlsFlow implements Flow {
  readonly #tls: TLSSocket;
  readonly #stream: FlowStream;
  #shaking: ((outcome: OpenOutcome) => void) | null = null;
  #receiving: Receiving | null = null;
  /** No more octets come from below: all that did are in #stream or #tls. */
  #isOver = false;
  #failure: FlowFailure | null = null;
  #isClosed = false;

  /** `flow` is this one's from now on. */
  constructor(flow: Flow, { secureContext, serverName }: TlsFlowSettings) {
    this.#stream = new FlowStream(flow, (failure) => this.#over(failure));
    const options = { socket: this.#stream, secureContext, rejectUnauthorized: false };
    // RFC 6066 section 3: a literal address is no server name.
    const named = serverName !== null && isIP(serverName) === 0 ? { servername: serverName } : {};
    this.#tls = connect({ ...options, ...named });
    this.#tls.once('secureConnect', () => this.#shaking?.({ type: 'opened', flow: this }));
    this.#tls.on('readable', () => this.#look()).on('end', () => this.#look());
    for (const stream of [this.#tls, this.#stream]) {
      stream.on('error', (error) => {
        this.#fail({ type: 'failed', reason: `TLS: ${describeTls(error)}` });
      });
    }
  }

  /** Once, before anything else. What fails closes it. */
  shaken(timeoutMs: number): Promise<OpenOutcome> {
    return new Promise((resolve) => {
      const settle = (outcome: OpenOutcome): void => {
        clearTimeout(timer);
        this.#shaking = null;
        if (outcome.type !== 'opened') this.#destroy();
        resolve(outcome);
      };
      const timer = setTimeout(settle, Math.max(timeoutMs, 0), timedOut);
      this.#shaking = settle;
    });
  }

  send(bytes: Uint8Array, timeoutMs: number): Promise<FlowFailure | null> {
    const failure = this.#failure ?? (this.#isClosed ? closedHere : null);
    if (failure !== null) return Promise.resolve(failure);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs, timedOut);
      this.#tls.write(bytes, (error) => {
        clearTimeout(timer);
        const reason = error == null ? null : `TLS: ${describeTls(error)}`;
        resolve(this.#failure ?? (reason === null ? null : { type: 'failed', reason }));
      });
    });
  }

  receive(bytesMax: number, timeoutMs: number): Promise<ReceiveOutcome> {
    return new Promise((resolve) => {
      const settle = (outcome: ReceiveOutcome): void => {
        clearTimeout(timer);
        this.#receiving = null;
        resolve(outcome);
      };
      const timer = setTimeout(settle, timeoutMs, timedOut);
      this.#receiving = { bytesMax, settle };
      this.#look();
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#receiving?.settle(closedHere);
    if (this.#failure !== null) {
      this.#destroy();
      return;
    }
    const timer = setTimeout(() => this.#destroy(), closeTimeoutMs);
    this.#stream.once('close', () => clearTimeout(timer));
    // Its last octets take the flow with them; nothing more is read.
    this.#stream.once('finish', () => setImmediate(() => this.#destroy()));
    this.#tls.end();
  }

  #look(): void {
    const receiving = this.#receiving;
    if (receiving === null) return;
    if (this.#isClosed) receiving.settle(closedHere);
    else if (this.#take(receiving)) return;
    else if (this.#tls.readableEnded) receiving.settle({ type: 'ended', isClean: true });
    // The end of TLS is told a little after what was read last.
    else if (this.#isOver) setImmediate(() => this.#lookLast(receiving));
    else if (this.#failure !== null) receiving.settle(this.#failure);
  }

  /** Nothing more comes from below, and what TLS had to tell has been told. */
  #lookLast(receiving: Receiving): void {
    if (this.#receiving !== receiving || this.#take(receiving)) return;
    // It was full, and goes on now.
    if (this.#stream.readableLength > 0) return;
    if (this.#tls.readableEnded) receiving.settle({ type: 'ended', isClean: true });
    else receiving.settle(this.#failure ?? { type: 'ended', isClean: false });
  }

  #take({ bytesMax, settle }: Receiving): boolean {
    const length = Math.min(bytesMax, this.#tls.readableLength);
    const bytes = this.#tls.read(length) as Uint8Array | null;
    if (bytes !== null) settle({ type: 'received', bytes });
    return bytes !== null;
  }

  #over(failure: FlowFailure | null): void {
    // An alert that came with the end is told first.
    setImmediate(() => {
      this.#isOver = true;
      const reason = 'the connection ended in the TLS handshake';
      if (failure !== null || this.#shaking !== null) {
        this.#fail(failure ?? { type: 'failed', reason });
      }
      this.#look();
    });
  }

  /** The first failure is what the others come of. */
  #fail(failure: FlowFailure): void {
    this.#failure ??= failure;
    this.#shaking?.(this.#failure);
    this.#look();
  }

  #destroy(): void {
    this.#isClosed = true;
    this.#tls.destroy();
    this.#stream.destroy();
  }
}

const closedHere: FlowFailure = { type: 'failed', reason: 'closed here' };
