// Outgoing TCP connections of health probes on node:net.
import { connect, type Socket } from 'node:net';
import type {
  Flow,
  FlowFailure,
  FlowSettings,
  Flows,
  OpenOutcome,
  ReceiveOutcome,
} from '../ports/flows.js';
import { describeCause } from './sockets.js';

/** How long a server may take to answer our FIN before the connection is given up. */
const closeTimeoutMs = 1_000;

export class HostFlows implements Flows {
  open({ protocol, target, source }: FlowSettings, timeoutMs: number): Promise<OpenOutcome> {
    return new Promise((resolve) => {
      if (protocol !== 'tcp') return resolve({ type: 'failed', reason: `no ${protocol} yet` });
      let socket: Socket;
      try {
        const { address: host, port } = target;
        socket = connect({ host, port, ...(source === null ? {} : { localAddress: source }) });
      } catch (cause) {
        return resolve({ type: 'failed', reason: describeCause(cause) });
      }
      const timer = setTimeout(() => {
        socket.destroy();
        resolve({ type: 'timed_out' });
      }, timeoutMs);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve({ type: 'opened', flow: new SocketFlow(socket) });
      });
      // Stays for good: a connection that was closed gently may still be reset.
      socket.on('error', (error) => {
        clearTimeout(timer);
        resolve(failureOf(error));
      });
    });
  }
}

class SocketFlow implements Flow {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(bytes: Uint8Array): Promise<FlowFailure | null> {
    return new Promise((resolve) => {
      this.#socket.write(bytes, (error) => resolve(error == null ? null : failureOf(error)));
    });
  }

  receive(bytesMax: number, timeoutMs: number): Promise<ReceiveOutcome> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle({ type: 'timed_out' }), timeoutMs);
      const settle = (outcome: ReceiveOutcome): void => {
        clearTimeout(timer);
        socket.off('readable', look).off('end', ended);
        resolve(outcome);
      };
      const ended = (): void => settle({ type: 'ended', isClean: true });
      const look = (): void => {
        const bytes = socket.read(Math.min(bytesMax, socket.readableLength)) as Uint8Array | null;
        if (bytes !== null) settle({ type: 'received', bytes });
      };
      socket.on('readable', look).on('end', ended);
      if (socket.readableEnded) ended();
    });
  }

  /** With a FIN: a server that has sent its greeting must not see a reset, which it may log. */
  close(): void {
    const socket = this.#socket;
    const timer = setTimeout(() => socket.destroy(), closeTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.resume();
    socket.end();
  }
}

function failureOf(error: NodeJS.ErrnoException): FlowFailure {
  if (error.code === 'ECONNREFUSED') return { type: 'refused' };
  if (error.code === 'ETIMEDOUT') return { type: 'timed_out' };
  return { type: 'failed', reason: describeCause(error) };
}
