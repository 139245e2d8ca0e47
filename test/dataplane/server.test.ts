import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { encode } from '../../src/dataplane/protocol.js';
import { clientsMax } from '../../src/dataplane/server.js';
import { Served } from './served.js';

const hello = encode({ type: 'hello', version: 3, program: 'keelson', pid: 1 });

/** A client whose every byte the test writes itself. */
class RawClient {
  readonly #socket: Socket;
  #text = '';
  #isClosed = false;
  #changed = (): void => {};

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on('error', () => {});
    this.#socket.on('data', (chunk) => {
      this.#text += chunk.toString();
      this.#changed();
    });
    this.#socket.on('close', () => {
      this.#isClosed = true;
      this.#changed();
    });
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  /** The greeting and the answers after it. */
  async lines(count: number): Promise<readonly string[]> {
    await this.#until(() => this.#text.split('\n').length > count);
    return this.#text.trimEnd().split('\n');
  }

  async closed(): Promise<string> {
    await this.#until(() => this.#isClosed);
    return this.#text;
  }

  end(): void {
    this.#socket.destroy();
  }

  async #until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

function raw(t: { teardown(undo: () => void): void }, path: string): RawClient {
  const client = new RawClient(path);
  t.teardown(() => client.end());
  return client;
}

t.test('the socket is for its owner alone', async (t) => {
  const served = await Served.start(t);
  t.equal(statSync(served.path).mode & 0o777, 0o600);
});

t.test('requests that cannot be read are answered, and the client stays', async (t) => {
  const served = await Served.start(t);
  const client = raw(t, served.path);
  client.write(`${hello}{"id":4,"type":"leases"}\nnot JSON\n{"id":5,"type":"fly"}\n`);
  client.write('{"id":6,"type":"ports"}\n');
  const lines = await client.lines(5);
  t.match(JSON.parse(lines[0] ?? ''), { type: 'hello', version: 3, pid: process.pid });
  const answers = lines.slice(1).map((line): unknown => JSON.parse(line));
  t.match(answers[0], { id: 4, ok: false, error: { reason: /holder: expected/ } });
  t.match(answers[1], { id: null, ok: false, error: { reason: /not JSON/ } });
  t.match(answers[2], { id: 5, ok: false, error: { reason: /type: expected one of/ } });
  t.match(answers[3], { id: 6, ok: false, error: { reason: 'the data plane is not open' } });
});

t.test('a request split over many writes', async (t) => {
  const served = await Served.start(t);
  const client = raw(t, served.path);
  for (const character of `${hello}{"id":1,"type":"ports"}\n`) client.write(character);
  t.match(JSON.parse((await client.lines(2))[1] ?? ''), { id: 1, ok: false });
});

t.test('without a greeting there is no service', async (t) => {
  const served = await Served.start(t);
  const client = raw(t, served.path);
  client.write('{"id":1,"type":"ports"}\n{"id":2,"type":"ports"}\n');
  const text = await client.closed();
  t.match(text, '"reason":"the message is malformed');
  t.notMatch(text, '"id":2');
  t.match(served.log.lines, [/^warning: disconnected a client of the data plane/]);
  const silent = raw(t, served.path);
  await silent.lines(1);
  served.clock.advance(5000);
  t.match(await silent.closed(), 'no hello came in time');
});

t.test('a line beyond the bound ends the connection with a word', async (t) => {
  const served = await Served.start(t);
  const client = raw(t, served.path);
  client.write(hello);
  client.write('x'.repeat(16 * 1024 * 1024 + 1));
  t.match(await client.closed(), 'a message is longer than 16777216 bytes');
});

t.test('a client that asks for much at once gets every answer, in order', async (t) => {
  const served = await Served.start(t);
  const client = raw(t, served.path);
  const ids = Array.from({ length: 2000 }, (_, id) => id);
  client.write(hello + ids.map((id) => `{"id":${id},"type":"ports"}\n`).join(''));
  const lines = await client.lines(1 + ids.length);
  t.same(
    lines.slice(1).map((line) => (JSON.parse(line) as { id: number }).id),
    ids,
  );
});

t.test('clients come and go; there may be only so many at once', async (t) => {
  const served = await Served.start(t);
  const clients = Array.from({ length: clientsMax }, () => raw(t, served.path));
  for (const client of clients) await client.lines(1);
  t.match(await raw(t, served.path).closed(), `${clientsMax} clients are connected already`);
  for (const client of clients) client.end();
  await Promise.all(clients.map((client) => client.closed()));
  for (;;) {
    const [greeting] = await raw(t, served.path).lines(1);
    if (greeting?.includes('hello')) break;
  }
  t.pass('a place became free');
});

t.test('closing disconnects everybody and removes the socket', async (t) => {
  const served = await Served.start(t);
  const client = raw(t, served.path);
  await client.lines(1);
  await served.stop();
  await client.closed();
  t.throws(() => statSync(served.path));
  await served.listen();
  t.ok(statSync(served.path).isSocket(), 'and can be served again');
});
