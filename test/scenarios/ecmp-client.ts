// A client of many short connections, one after the other at a steady rate: each asks for a page
// and reads it to its end. One line of JSON for each that has ended. Run as
// `node ecmp-client.js ADDRESS PORT PER-SECOND`.
import { connect } from 'node:net';

export type Attempt = {
  /** When it began and when the server had answered the SYN, of the wall clock. */
  readonly beganMs: number;
  readonly connectedMs: number | null;
  readonly endedMs: number;
  /** The page; null: it failed. */
  readonly page: string | null;
  /** "ECONNRESET" and the like; "timeout"; null: none. */
  readonly error: string | null;
};

/** A lost SYN is not sent again before this: who is lost counts as failed. */
const timeoutMs = 900;

function attempt(host: string, port: number): void {
  const beganMs = now();
  let connectedMs: number | null = null;
  let text = '';
  const socket = connect({ host, port });
  const end = (error: string | null): void => {
    socket.removeAllListeners();
    socket.on('error', () => {});
    socket.destroy();
    const page = error === null ? (text.split('\r\n\r\n')[1]?.trim() ?? '') : null;
    const all: Attempt = { beganMs, connectedMs, endedMs: now(), page, error };
    process.stdout.write(`${JSON.stringify(all)}\n`);
  };
  socket.setTimeout(timeoutMs, () => end('timeout'));
  socket.on('connect', () => {
    connectedMs = now();
    socket.write('GET / HTTP/1.0\r\n\r\n');
  });
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  socket.on('end', () => end(text.includes('\r\n\r\n') ? null : 'no page'));
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

const [host = '', port, perSecond] = process.argv.slice(2);
if (host !== '') setInterval(() => attempt(host, Number(port)), 1000 / Number(perSecond));
