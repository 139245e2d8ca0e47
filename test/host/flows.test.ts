import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { pause, waitFor } from '../../scripts/lab/namespaces.js';
import { HostFlows } from '../../src/host/flows.js';
import { type Endpoint, type IpAddress, ipAddress } from '../../src/net/address.js';
import { all, listening, loopback, opened, plain } from './flow-peers.js';

const flows = new HostFlows();
t.teardown(() => flows.end());

const loopback6 = ipAddress('::1');

/** How a server saw its first connection end. */
function endSeen(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.once('end', () => resolve('ended'));
  });
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

t.test('a server that greets sees a proper end, no reset', async (t) => {
  const greeting = '220 hello\r\n'.repeat(1000);
  for (const delayMs of [0, 200]) {
    const ends: Promise<string>[] = [];
    const { target } = await listening(t, (socket) => {
      ends.push(endSeen(socket));
      socket.resume();
      setTimeout(() => socket.write(greeting), delayMs);
    });
    const flow = await opened(flows, { target });
    // So that the greeting is in one case here before the end, in the other on its way.
    await pause(50);
    flow.close();
    flow.close();
    await waitFor('accepted', 5_000, () => ends.length === 1);
    t.equal(await ends[0], 'ended', `greeting after ${delayMs} ms`);
  }
});

t.test('what refuses or cannot be', async (t) => {
  const { server, target } = await listening(t, () => {});
  server.close();
  await once(server, 'close');
  const settings = { ...plain, target };
  t.strictSame(await flows.open(settings, 5_000), { type: 'refused' });
  const elsewhere = { ...settings, source: ipAddress('192.0.2.77') };
  const reason = 'Cannot assign requested address';
  t.strictSame(await flows.open(elsewhere, 5_000), { type: 'failed', reason });
  const otherFamily = { ...settings, source: loopback6 };
  t.match(await flows.open(otherFamily, 5_000), { reason: /^Address family not supported/ });
  const absent = { ...settings, sourceInterface: 'absent0' };
  t.strictSame(await flows.open(absent, 5_000), { type: 'failed', reason: 'No such device' });
  const impossible = { ...settings, target: { ...target, port: 70_000 } };
  t.match(await flows.open(impossible, 5_000), { type: 'failed' });
});

t.test('from the address, the port and the interface that are wanted', async (t) => {
  for (const [address, source] of [
    [loopback, ipAddress('127.0.0.2')],
    [loopback6, loopback6],
  ] as const) {
    const seen: Socket[] = [];
    const { target } = await listening(t, (socket) => seen.push(socket), address);
    // Any port that nobody has.
    const sourcePort = await freePort(source);
    for (const from of [
      { source },
      { source, sourcePort },
      { sourcePort, sourceInterface: 'lo' },
      { source, sourcePort },
    ]) {
      seen.length = 0;
      const flow = await opened(flows, { target, ...from });
      await waitFor('accepted', 5_000, () => seen.length === 1);
      const [socket] = seen;
      if (from.source !== undefined) t.equal(socket?.remoteAddress, source);
      if (from.sourcePort !== undefined) t.equal(socket?.remotePort, sourcePort);
      socket?.end();
      socket?.resume();
      flow.close();
      if (socket !== undefined) await once(socket, 'close');
    }
  }
});

async function freePort(address: IpAddress): Promise<number> {
  const socket = createSocket(address === loopback6 ? 'udp6' : 'udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

t.test('octets come as they are sent, in pieces of any size', async (t) => {
  const words = Buffer.from('one octet at a time');
  const slowly = async (socket: Socket): Promise<void> => {
    socket.setNoDelay();
    for (const octet of words) {
      socket.write(Buffer.of(octet));
      await pause(2);
    }
    socket.end();
  };
  const { target } = await listening(t, (socket) => void slowly(socket));
  const flow = await opened(flows, { target });
  const { bytes, last } = await all(flow);
  t.strictSame(bytes, words);
  t.strictSame(last, { type: 'ended', isClean: true });
  t.strictSame(await flow.receive(1, 5_000), { type: 'ended', isClean: true }, 'and stays so');
  flow.close();
  t.match(await flow.receive(1, 5_000), { type: 'failed' });
  t.match(await flow.send(words, 5_000), { type: 'failed' });
});

t.test('what says nothing ends with the time, what never ends with the bound', async (t) => {
  const ended: Promise<string>[] = [];
  const endless = Buffer.alloc(65_536, 'x');
  const { target } = await listening(t, (socket) => {
    ended.push(endSeen(socket));
    socket.once('data', () => {
      const more = (): void => void socket.write(endless, (error) => error ?? more());
      more();
    });
  });
  const flow = await opened(flows, { target });
  t.strictSame(await flow.receive(100, 50), { type: 'timed_out' });
  t.equal(await flow.send(Buffer.from('go'), 5_000), null);
  const received = await flow.receive(100, 5_000);
  t.equal(received.type === 'received' && received.bytes.length, 100);
  const before = performance.now();
  flow.close();
  t.match(await ended[0], /^ended|ECONNRESET|EPIPE$/);
  t.ok(performance.now() - before < 5_000, 'it is not read for ever');
});

t.test('a large message goes as its reader takes it, or times out', async (t) => {
  const large = Buffer.alloc(20_000_000, 'y');
  let length = 0;
  const sockets: Socket[] = [];
  const { target } = await listening(t, (socket) => {
    sockets.push(socket);
    socket.pause();
    socket.on('data', (bytes) => {
      length += bytes.length;
    });
    socket.pause();
  });
  const flow = await opened(flows, { target });
  t.strictSame(await flow.send(large, 100), { type: 'timed_out' });
  const other = await opened(flows, { target });
  await waitFor('accepted', 5_000, () => sockets.length === 2);
  length = 0;
  const sent = other.send(large, 30_000);
  sockets[1]?.resume();
  t.equal(await sent, null);
  await waitFor('all of it', 30_000, () => length === large.length);
  const waiting = other.receive(1, 5_000);
  other.close();
  t.strictSame(await waiting, { type: 'failed', reason: 'closed here' });
  flow.close();
});

async function echo(t: Test, address: IpAddress): Promise<Endpoint> {
  const socket = createSocket(address === loopback6 ? 'udp6' : 'udp4');
  socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
    socket.send(bytes, from.port, from.address);
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return { address, port: socket.address().port };
}

t.test('datagrams of both families, whole, empty and cut', async (t) => {
  for (const address of [loopback, loopback6]) {
    const flow = await opened(flows, { protocol: 'udp', target: await echo(t, address) });
    for (const words of ['ping', '', 'pong']) {
      t.equal(await flow.send(Buffer.from(words), 5_000), null);
      const outcome = await flow.receive(3, 5_000);
      t.equal(
        outcome.type === 'received' && Buffer.from(outcome.bytes).toString(),
        words.slice(0, 3),
      );
    }
    t.strictSame(await flow.receive(3, 50), { type: 'timed_out' });
    flow.close();
    const port = await freePort(address);
    const closed = await opened(flows, { protocol: 'udp', target: { address, port } });
    t.equal(await closed.send(Buffer.from('x'), 5_000), null);
    t.strictSame(await closed.receive(3, 5_000), { type: 'refused' }, 'by ICMP');
    closed.close();
  }
});

t.test('20 000 connections leave nothing behind', { timeout: 120_000 }, async (t) => {
  let accepted = 0;
  const { target } = await listening(t, (socket) => {
    accepted++;
    socket.on('error', () => {});
    socket.end('220 hello\r\n');
    socket.resume();
  });
  (await opened(flows, { target })).close();
  const before = descriptors();
  for (let round = 0; round < 100; round++) {
    const targets = Array.from({ length: 200 }, (_, index) => {
      return { ...target, address: target.address, source: ipAddress(`127.0.1.${1 + index}`) };
    });
    await Promise.all(
      targets.map(async ({ address, port, source }) => {
        (await opened(flows, { target: { address, port }, source }, 30_000)).close();
      }),
    );
  }
  await waitFor('all are accepted', 10_000, () => accepted === 20_001);
  await waitFor('descriptors', 10_000, () => descriptors() <= before);
  t.pass('as many descriptors as before');
});

t.test('the end of a thread closes what it has open', async (t) => {
  const ends: Promise<string>[] = [];
  const { target } = await listening(t, (socket) => {
    ends.push(endSeen(socket));
    socket.resume();
  });
  const before = descriptors();
  const module = join(checkout, 'build', 'src', 'host', 'flows.js');
  const settings = JSON.stringify({ ...plain, target });
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     import(${JSON.stringify(module)}).then(async ({ HostFlows }) => {
       const flows = new HostFlows();
       const open = () => flows.open(${settings}, 5000);
       const all = await Promise.all(Array.from({ length: 100 }, open));
       for (const { flow } of all) void flow.receive(10, 60000);
       all[0].flow.close();
       parentPort.postMessage(all.filter(({ type }) => type === 'opened').length);
     });`,
    { eval: true, execArgv: [] },
  );
  t.strictSame(await once(worker, 'message'), [100]);
  await waitFor('accepted', 5_000, () => ends.length === 100);
  await worker.terminate();
  t.strictSame(new Set(await Promise.all(ends)), new Set(['ended']));
  await waitFor('descriptors', 5_000, () => descriptors() <= before + 1);
});
