// What the tests of flows connect to, and settings with nothing special.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Test } from 'tap';
import { type Endpoint, type IpAddress, ipAddress } from '../../src/net/address.js';
import type { Flow, FlowSettings, Flows, ReceiveOutcome } from '../../src/ports/flows.js';

export const loopback = ipAddress('127.0.0.1');

export const plain = {
  protocol: 'tcp',
  source: null,
  sourcePort: null,
  sourceInterface: null,
  mark: 0,
  tls: null,
} as const;

export type Listening = { readonly server: Server; readonly target: Endpoint };

/** Closed with the test, and all its connections. */
export async function listening(
  t: Test,
  accepted: (socket: Socket) => void,
  address: IpAddress = loopback,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    accepted(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen({ host: address, port: 0, backlog: 1024 }, resolve);
  });
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { server, target: { address, port: (server.address() as AddressInfo).port } };
}

export async function opened(
  flows: Flows,
  settings: Partial<FlowSettings> & Pick<FlowSettings, 'target'>,
  timeoutMs = 5_000,
): Promise<Flow> {
  const outcome = await flows.open({ ...plain, ...settings }, timeoutMs);
  if (outcome.type !== 'opened') throw new Error(JSON.stringify(outcome));
  return outcome.flow;
}

/** All that comes until something else than octets does, and that. */
export async function all(
  flow: Flow,
  bytesMax = 4096,
): Promise<{ readonly bytes: Buffer; readonly last: ReceiveOutcome; readonly pieces: number }> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const outcome = await flow.receive(bytesMax, 5_000);
    if (outcome.type !== 'received') {
      return { bytes: Buffer.concat(pieces), last: outcome, pieces: pieces.length };
    }
    pieces.push(outcome.bytes);
  }
}
