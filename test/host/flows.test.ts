import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import t from 'tap';
import { HostFlows } from '../../src/host/flows.js';
import { type Endpoint, type IpAddress, ipAddress } from '../../src/net/address.js';
import type { FlowFailure } from '../../src/ports/flows.js';

const loopback = ipAddress('127.0.0.1');
const flows = new HostFlows();

/** null: it was opened, and closed again. */
async function connect(target: Endpoint, source: IpAddress | null): Promise<FlowFailure | null> {
  const opened = await flows.open(
    {
      protocol: 'tcp',
      target,
      source,
      sourcePort: null,
      sourceInterface: null,
      mark: 0,
      tls: null,
    },
    5_000,
  );
  if (opened.type !== 'opened') return opened;
  opened.flow.close();
  return null;
}

async function listening(accepted: (socket: Socket) => void, backlog = 16): Promise<Server> {
  const server = createServer({ allowHalfOpen: false }, accepted);
  server.listen({ host: loopback, port: 0, backlog });
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

t.test('a server that greets sees a proper end, no reset', async (t) => {
  const server = await listening((socket) => {
    socket.write('220 hello\r\n'.repeat(1000));
    socket.resume();
  });
  t.teardown(() => server.close());
  const source = ipAddress('127.0.0.2');
  const endpoint = { address: loopback, port: portOf(server) };
  const accepted = once(server, 'connection');
  t.equal(await connect(endpoint, source), null);
  const [socket] = (await accepted) as [Socket];
  t.equal(socket.remoteAddress, '127.0.0.2', 'from the source address');
  // Rejects on a reset.
  if (!socket.readableEnded) await once(socket, 'end');
  t.pass('ended');
});

t.test('a closed port refuses', async (t) => {
  const server = await listening(() => {});
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  const outcome = await connect({ address: loopback, port }, null);
  t.strictSame(outcome, { type: 'refused' });
});

t.test('an address that cannot be a source fails with a sentence', async (t) => {
  const source = ipAddress('192.0.2.77');
  const outcome = await connect({ address: loopback, port: 9 }, source);
  t.strictSame(outcome, { type: 'failed', reason: 'Cannot assign requested address' });
  const impossible = await connect({ address: loopback, port: 70_000 }, null);
  t.equal(impossible?.type, 'failed');
});
