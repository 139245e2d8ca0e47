// The operators' UNIX socket: one JSON request per line, one JSON answer per line. Read-only for
// now: {"type":"status"}.
import { chmod, existsSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Log } from '../ports/log.js';

const requestCharactersMax = 4096;
const clientsMax = 64;
const ownerOnly = 0o600;

/** The daemon's pid file guards the path: a socket that is there already is a dead daemon's. */
export function serveOperators(path: string, status: () => Promise<unknown>, log: Log): Server {
  if (existsSync(path)) rmSync(path);
  const server = createServer((socket) => serve(socket, status));
  server.maxConnections = clientsMax;
  server.on('error', (error) => log.write('error', `operator socket ${path}: ${error.message}`));
  // It may be gone again: a start that fails ends at once. The folder is the owner's alone anyway.
  server.listen(path, () => chmod(path, ownerOnly, () => {}));
  return server;
}

function serve(socket: Socket, status: () => Promise<unknown>): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending += chunk;
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) void answer(line, status).then((text) => socket.write(`${text}\n`));
    if (pending.length > requestCharactersMax) {
      socket.end(`${failure('the request is longer than 4096 characters')}\n`);
    }
  });
}

async function answer(line: string, status: () => Promise<unknown>): Promise<string> {
  if (requestType(line) !== 'status') return failure('the only request is {"type":"status"}');
  return JSON.stringify({ ok: true, result: await status() });
}

function requestType(line: string): unknown {
  try {
    const request: unknown = JSON.parse(line);
    return typeof request === 'object' && request !== null && 'type' in request
      ? request.type
      : null;
  } catch {
    return null;
  }
}

function failure(reason: string): string {
  return JSON.stringify({ ok: false, error: reason });
}
