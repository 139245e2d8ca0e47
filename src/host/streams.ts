// Outgoing TCP connections on node:net.
import { connect, type Socket } from 'node:net';
import type { Endpoint, IpAddress } from '../net/address.js';
import type { ConnectOutcome, Streams } from '../ports/streams.js';
import { describeCause } from './sockets.js';

/** How long a server may take to answer our FIN before the connection is given up. */
const closeTimeoutMs = 1_000;

export class HostStreams implements Streams {
  connect(target: Endpoint, timeoutMs: number, source: IpAddress | null): Promise<ConnectOutcome> {
    return new Promise((resolve) => {
      let socket: Socket;
      try {
        const { address: host, port } = target;
        socket = connect({ host, port, ...(source === null ? {} : { localAddress: source }) });
      } catch (cause) {
        resolve({ type: 'failed', reason: describeCause(cause) });
        return;
      }
      const timer = setTimeout(() => {
        socket.destroy();
        resolve({ type: 'timed_out' });
      }, timeoutMs);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve({ type: 'connected' });
        closeGently(socket);
      });
      // Stays for good: a connection that was closed gently may still be reset.
      socket.on('error', (error) => {
        clearTimeout(timer);
        resolve(outcomeOf(error));
      });
    });
  }
}

/** With a FIN: a server that has sent its greeting must not see a reset, which it may log. */
function closeGently(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), closeTimeoutMs);
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
  socket.end();
}

function outcomeOf(error: NodeJS.ErrnoException): ConnectOutcome {
  if (error.code === 'ECONNREFUSED') return { type: 'refused' };
  if (error.code === 'ETIMEDOUT') return { type: 'timed_out' };
  return { type: 'failed', reason: describeCause(error) };
}
