import { createServer, type Server, type Socket } from 'node:net';
import t from 'tap';
import { DataplaneClient } from '../../src/dataplane/client.js';
import { describeDataplaneError } from '../../src/dataplane/dataplane.js';
import { SimulatedClock } from '../sim/clock.js';
import { checkContract } from './contract.js';
import { prefixOf, server, service, tcp, twoPorts } from './examples.js';
import { Served, shortDirectory } from './served.js';

const hello = '{"type":"hello","version":3,"program":"keelson","pid":1}\n';

/** A server whose every byte the test writes itself. */
async function scripted(path: string, accepted: (socket: Socket) => void): Promise<Server> {
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    accepted(socket);
  });
  await new Promise<void>((resolve) => listener.listen(path, resolve));
  return listener;
}

t.test('over a socket the contract holds too', async (t) => {
  const served = await Served.start(t);
  await checkContract(t, await served.client(), twoPorts);
  t.equal(served.endings, 1, 'close ends the data plane');
});

t.test('nobody there', async (t) => {
  const path = `${shortDirectory(t)}/none.sock`;
  const error = (
    await DataplaneClient.connect(path, new SimulatedClock(), 1000)
  )._unsafeUnwrapErr();
  t.equal(
    describeDataplaneError(error),
    'the data plane does not answer: no such file or directory',
  );
});

t.test('no greeting: the connection is given up in time', async (t) => {
  const clock = new SimulatedClock();
  const path = `${shortDirectory(t)}/mute.sock`;
  const listener = await scripted(path, (socket) => {
    socket.on('data', () => clock.advance(1000));
  });
  t.teardown(() => listener.close());
  const error = (await DataplaneClient.connect(path, clock, 1000))._unsafeUnwrapErr();
  t.match(describeDataplaneError(error), 'no greeting within 1000 ms');
});

t.test('another version, another program, a refusal', async (t) => {
  const greetings: readonly [string, string | RegExp][] = [
    [hello.replace('"version":3', '"version":1'), /speaks version 1 of the protocol/],
    ['HTTP/1.1 400 Bad Request\n', /is not JSON/],
    [
      '{"id":null,"ok":false,"error":{"type":"dataplane.refused","reason":"too many"}}\n',
      'too many',
    ],
  ];
  for (const [index, [greeting, sentence]] of greetings.entries()) {
    const path = `${shortDirectory(t)}/${index}.sock`;
    const listener = await scripted(path, (socket) => socket.write(greeting));
    const closed = (): void => void t.fail('closed is for connections that were made');
    const connected = DataplaneClient.connect(path, new SimulatedClock(), 1000, closed);
    t.match(describeDataplaneError((await connected)._unsafeUnwrapErr()), sentence);
    listener.close();
  }
});

t.test('a request without an answer fails in time, and a late answer does no harm', async (t) => {
  const clock = new SimulatedClock();
  const path = `${shortDirectory(t)}/slow.sock`;
  const sockets: Socket[] = [];
  let advanceMs = 1000;
  const listener = await scripted(path, (socket) => {
    sockets.push(socket);
    socket.write(hello);
    socket.on('data', (chunk) => {
      if (!chunk.includes('"ports"') && !chunk.includes('"open"')) return;
      clock.advance(advanceMs);
      if (chunk.includes('"open"')) socket.write('{"id":2,"ok":true,"result":null}\n');
    });
  });
  t.teardown(() => listener.close());
  const client = (await DataplaneClient.connect(path, clock, 1000))._unsafeUnwrap();
  const late = (await client.ports())._unsafeUnwrapErr();
  t.match(describeDataplaneError(late), 'no answer to "ports" within 1000 ms');
  sockets[0]?.write('{"id":1,"ok":true,"result":[]}\n');
  advanceMs = 59_999;
  t.ok((await client.open(twoPorts)).isOk(), 'open may take a minute');
  client.disconnect();
});

t.test('a lost connection fails what waits and what comes, and says so once', async (t) => {
  const path = `${shortDirectory(t)}/lost.sock`;
  const listener = await scripted(path, (socket) => {
    socket.write(hello);
    socket.on('data', (chunk) => {
      if (chunk.includes('statistics')) socket.destroy();
    });
  });
  t.teardown(() => listener.close());
  const reasons: string[] = [];
  const connected = await DataplaneClient.connect(path, new SimulatedClock(), 1000, (reason) =>
    reasons.push(reason),
  );
  const client = connected._unsafeUnwrap();
  const waiting = await Promise.all([client.ports(), client.statistics()]);
  t.ok(waiting.every((one) => one.isErr() && one.error.type === 'dataplane.unreachable'));
  t.match((await client.ports())._unsafeUnwrapErr(), { type: 'dataplane.unreachable' });
  t.equal(reasons.length, 1);
});

t.test('nonsense instead of an answer ends the connection', async (t) => {
  const path = `${shortDirectory(t)}/nonsense.sock`;
  const listener = await scripted(path, (socket) => {
    socket.write(hello);
    socket.on('data', (chunk) => {
      if (chunk.includes('"ports"')) socket.write('{"id":1}\n');
    });
  });
  t.teardown(() => listener.close());
  const client = (await DataplaneClient.connect(path, new SimulatedClock(), 1000))._unsafeUnwrap();
  t.match(describeDataplaneError((await client.ports())._unsafeUnwrapErr()), 'malformed');
});

t.test('after disconnect nothing is asked and nothing is reported', async (t) => {
  const served = await Served.start(t);
  const client = await served.client(() => t.fail('a disconnect is no loss'));
  client.disconnect();
  t.ok((await client.ports()).isErr());
  await served.stop();
});

t.test('requests wait in a bounded number', async (t) => {
  const served = await Served.start(t);
  (await served.dataplane.open(twoPorts))._unsafeUnwrap();
  const client = await served.client();
  const asked = await Promise.all(
    Array.from({ length: 1025 }, () => client.announce('dpdk0', [prefixOf('192.0.2.1/32')])),
  );
  t.equal(asked.filter((one) => one.isOk()).length, 1024);
  t.match(asked.at(-1)?._unsafeUnwrapErr(), { reason: /^1024 requests wait/ });
});

t.test('a state far larger than a pipe takes', async (t) => {
  const served = await Served.start(t);
  (await served.dataplane.open(twoPorts))._unsafeUnwrap();
  const client = await served.client();
  const web = tcp('192.0.2.1:80');
  const hosts = Array.from({ length: 5000 }, (_, host) => `10.0.${host >> 8}.${host & 255}:80`);
  const servers = hosts.map((host) => server(web, host));
  const failures = await client.apply([
    { verb: 'add_service', service: service(web) },
    ...servers.map((one) => ({ verb: 'add_server' as const, server: one })),
  ]);
  t.same(failures._unsafeUnwrap(), []);
  t.same((await client.running())._unsafeUnwrap().servers, servers);
});
