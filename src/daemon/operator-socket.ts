// The operators' UNIX socket: one JSON request per line, one JSON answer per line, as in
// {"type":"status"} or {"type":"why","address":"192.0.2.1"}.
import { chmod, existsSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Result } from 'neverthrow';
import type { Log } from '../ports/log.js';

const requestCharactersMax = 4096;
const clientsMax = 64;
const ownerOnly = 0o600;

/** A request as it came: nothing but its type was looked at. */
export type OperatorRequest = Readonly<Record<string, unknown>>;

/** What is answered to a request, by its type; the error is a sentence. */
export type Answers = {
  readonly [type: string]: (request: OperatorRequest) => Promise<Result<unknown, string>>;
};

/** The daemon's pid file guards the path: a socket that is there already is a dead daemon's. */
export function serveOperators(path: string, answers: Answers, log: Log): Server {
  if (existsSync(path)) rmSync(path);
  const server = createServer((socket) => serve(socket, answers));
  server.maxConnections = clientsMax;
  server.on('error', (error) => log.write('error', `operator socket ${path}: ${error.message}`));
  // It may be gone again: a start that fails ends at once. The folder is the owner's alone anyway.
  server.listen(path, () => chmod(path, ownerOnly, () => {}));
  return server;
}

function serve(socket: Socket, answers: Answers): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending += chunk;
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) void answer(line, answers).then((text) => socket.write(`${text}\n`));
    if (pending.length > requestCharactersMax) {
      socket.end(`${failure('the request is longer than 4096 characters')}\n`);
    }
  });
}

async function answer(line: string, answers: Answers): Promise<string> {
  const request = requestOf(line);
  const type = request?.['type'];
  const found = typeof type === 'string' && Object.hasOwn(answers, type) ? answers[type] : null;
  if (found == null || request === null) {
    const known = Object.keys(answers).map((name) => `{"type":"${name}"}`);
    return failure(`the requests are ${known.join(' and ')}`);
  }
  const result = await found(request);
  return result.isOk() ? JSON.stringify({ ok: true, result: result.value }) : failure(result.error);
}

function requestOf(line: string): OperatorRequest | null {
  try {
    const request: unknown = JSON.parse(line);
    return typeof request === 'object' && request !== null ? (request as OperatorRequest) : null;
  } catch {
    return null;
  }
}

function failure(reason: string): string {
  return JSON.stringify({ ok: false, error: reason });
}
