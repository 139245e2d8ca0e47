// UDP with hop limits over loopback of this machine: what one socket sends, the other is told of.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { HostHopDatagrams } from '../../src/host/hop-datagrams.js';
import { openUdpListener } from '../../src/host/udp-sockets.js';
import { type AddressFamily, ipAddress } from '../../src/net/address.js';
import type { HopDatagram } from '../../src/ports/hop-datagrams.js';
import { describePacketError } from '../../src/ports/packets.js';

const isRoot = process.getuid?.() === 0;
const loopback = { ipv4: ipAddress('127.0.0.1'), ipv6: ipAddress('::1') };
const datagrams = new HostHopDatagrams();

/** A port that was free a moment ago, and holds it until it is closed. */
async function freePort(family: AddressFamily): Promise<{ port: number; socket: Socket }> {
  const socket = createSocket(family === 'ipv4' ? 'udp4' : 'udp6');
  socket.bind(0, loopback[family]);
  await once(socket, 'listening');
  return { port: (socket.address() as AddressInfo).port, socket };
}

async function closedPort(family: AddressFamily): Promise<number> {
  const { port, socket } = await freePort(family);
  socket.close();
  await once(socket, 'close');
  return port;
}

for (const family of ['ipv4', 'ipv6'] as const) {
  t.test(`${family}: what is sent is told with its hops and its interface`, async () => {
    const address = loopback[family];
    const destinationPort = await closedPort(family);
    const sourcePort = await closedPort(family);
    const heard: HopDatagram[] = [];
    const listener = datagrams
      .listen({ family, port: destinationPort }, (datagram) => heard.push(datagram))
      ._unsafeUnwrap();
    const options = { family, source: address, sourcePort, interface: null, destinationPort };
    const sender = datagrams
      .openSender({ ...options, destination: address, hops: 255 })
      ._unsafeUnwrap();
    assert.ok(sender.send(Uint8Array.of(1, 2, 3)).isOk());
    assert.ok(sender.send(new Uint8Array(0)).isOk());
    await waitFor('both datagrams', 5_000, () => heard.length === 2);
    const facts = { source: address, sourcePort, destination: address, interface: 'lo' };
    assert.deepEqual(heard, [
      { ...facts, hops: 255, payload: Uint8Array.of(1, 2, 3) },
      { ...facts, hops: 255, payload: new Uint8Array(0) },
    ]);
    sender.close();
    assert.match(
      describePacketError(sender.send(Uint8Array.of(1))._unsafeUnwrapErr()),
      /^cannot send to .* port \d+ from .*: Bad file descriptor$/,
    );
    const near = datagrams
      .openSender({ ...options, destination: address, hops: 1 })
      ._unsafeUnwrap();
    assert.ok(near.send(Uint8Array.of(9)).isOk());
    await waitFor('the third', 5_000, () => heard.length === 3);
    assert.equal(heard[2]?.hops, 1);
    near.close();
    near.close();
    listener.close();
    listener.close();
  });
}

t.test('what arrives at a sender waits nowhere, and an ICMP error costs no packet', async () => {
  const peer = await freePort('ipv4');
  const sourcePort = await closedPort('ipv4');
  const nobody = await closedPort('ipv4');
  const options = { family: 'ipv4', sourcePort, source: null, interface: null, hops: 64 } as const;
  const target = { destination: loopback.ipv4, destinationPort: nobody };
  const sender = datagrams.openSender({ ...options, ...target })._unsafeUnwrap();
  for (let count = 0; count < 3; count++) assert.ok(sender.send(Uint8Array.of(count)).isOk());
  await new Promise<void>((resolve, reject) => {
    peer.socket.send('unheard', sourcePort, '127.0.0.1', (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  assert.ok(sender.send(Uint8Array.of(4)).isOk());
  sender.close();
  peer.socket.close();
});

t.test('what cannot be is said with the reason', { skip: !isRoot && 'needs root' }, async () => {
  const port = await closedPort('ipv4');
  const first = datagrams.listen({ family: 'ipv4', port }, () => {})._unsafeUnwrap();
  const second = datagrams.listen({ family: 'ipv4', port }, () => {});
  assert.equal(
    describePacketError(second._unsafeUnwrapErr()),
    `cannot open UDP port ${port}: Address already in use`,
  );
  first.close();
  const again = datagrams.listen({ family: 'ipv4', port }, () => {});
  again._unsafeUnwrap().close();
  const options = { family: 'ipv4', sourcePort: port, destinationPort: 3784, hops: 255 } as const;
  const away = datagrams.openSender({
    ...options,
    source: ipAddress('192.0.2.77'),
    interface: null,
    destination: loopback.ipv4,
  });
  assert.equal(
    describePacketError(away._unsafeUnwrapErr()),
    `cannot open UDP port ${port} to 127.0.0.1 port 3784 from 192.0.2.77: ` +
      'Cannot assign requested address',
  );
  const mixed = datagrams.openSender({
    ...options,
    source: ipAddress('::1'),
    interface: null,
    destination: loopback.ipv4,
  });
  assert.match(describePacketError(mixed._unsafeUnwrapErr()), /Address family not supported/);
  const gone = datagrams.openSender({
    ...options,
    source: null,
    interface: 'nowhere0',
    destination: loopback.ipv4,
  });
  assert.match(describePacketError(gone._unsafeUnwrapErr()), /over nowhere0: No such device$/);
});

t.test('a datagram longer than the room is cut, and an index is told', async () => {
  const port = await closedPort('ipv4');
  const sizes: number[] = [];
  const indexes: number[] = [];
  const listener = openUdpListener('ipv4', port, (event) => {
    if (event.type !== 'received') return;
    sizes.push(event.payload.length);
    indexes.push(event.interfaceIndex);
  })._unsafeUnwrap();
  const socket = createSocket('udp4');
  socket.send(new Uint8Array(5000), port, '127.0.0.1');
  await waitFor('it', 5_000, () => sizes.length === 1);
  assert.deepEqual(sizes, [2048]);
  assert.ok((indexes[0] ?? 0) > 0);
  socket.close();
  listener.close();
});
