// The data plane on real wires, driven by net_af_packet.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import type { DataplaneClient } from '../../src/dataplane/client.js';
import { bodyBytes, changes, connect, dropsOf, options, sumOf, vip, Wires } from './wires.js';

const isRoot = process.getuid?.() === 0;

const askScript = `
import socket, sys
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(3)
for size in (1, 2, 1400):
    udp.sendto(b'x' * size, (sys.argv[1], 7))
    assert udp.recvfrom(2048)[0] == b'x' * size
`;

t.test('the data plane between two kernels', { skip: !isRoot && 'needs root' }, async (t) => {
  const wires = new Wires();
  t.teardown(() => wires.remove());
  const started = wires.start();
  const dataplane = await connect(t, wires);
  (await dataplane.open(options))._unsafeUnwrap();
  t.same((await dataplane.apply(changes))._unsafeUnwrap(), [], 'every change is taken');
  await checkLease(t, wires, dataplane);
  await checkTraffic(t, wires, dataplane);
  checkCompanion(t, wires);
  await checkNeighbors(t, wires, dataplane);
  dataplane.disconnect();
  const ended = once(started.child, 'exit');
  await wires.namespaces.stop(started.pid);
  t.same(await ended, [0, null], 'SIGTERM ends it');
  t.notMatch(wires.namespaces.ip('lb', 'link'), /kni|xdp/, 'and it leaves nothing behind');
});

async function checkLease(t: Test, wires: Wires, dataplane: DataplaneClient): Promise<void> {
  t.notOk(wires.pings('client', '10.1.0.100'), 'not held: no answer');
  (await dataplane.lease('VI_1', 'dpdk0', [vip], 3000))._unsafeUnwrap();
  t.ok(wires.pings('client', '10.1.0.100'), 'leased: ARP and echo are answered');
  await waitFor('the lease runs out', 10_000, () => !wires.pings('client', '10.1.0.100'));
  t.same((await dataplane.leases('VI_1'))._unsafeUnwrap(), [], 'expired: gone');
  (await dataplane.lease('VI_1', 'dpdk0', [vip], null))._unsafeUnwrap();
  (await dataplane.announce('dpdk0', [vip]))._unsafeUnwrap();
  t.ok(wires.pings('client', '10.1.0.100'), 'leased again: answered again');
}

async function checkTraffic(t: Test, wires: Wires, dataplane: DataplaneClient): Promise<void> {
  await waitFor('the server listens', 10_000, () => {
    return wires.succeeds('server', 'curl', '-sS', '-m', '1', 'http://10.2.0.10:8080/');
  });
  t.equal(wires.fetch('/'), '200 5', 'TCP');
  t.equal(wires.fetch('/large'), `200 ${bodyBytes}`, 'much of it, no segment larger than the MTU');
  const upload = join(wires.folder, 'upload');
  writeFileSync(upload, Buffer.alloc(5_000_000));
  const words = ['-sS', '-m', '20', '--data-binary', `@${upload}`, 'http://10.1.0.100/'];
  t.equal(wires.namespaces.run('client', 'curl', ...words), 'hello', 'and the other way');
  t.ok(wires.succeeds('client', 'python3', '-c', askScript, '10.1.0.100'), 'UDP');

  const { workers, servers, localAddresses } = (await dataplane.statistics())._unsafeUnwrap();
  const [worker] = workers;
  t.ok(worker !== undefined && worker.rx > 10_000, 'every packet went through the worker');
  t.equal(sumOf(worker), worker?.rx, 'and has one verdict');
  t.equal(dropsOf(worker), 0, 'none was dropped');
  const [first, second] = servers;
  t.match(first, { connections: 3, endpoint: { address: '10.2.0.10', port: 8080 } });
  t.ok((first?.outBytes ?? 0) > bodyBytes, 'counted as sent by the server');
  t.match(second, { connections: 1, inPackets: 3, outPackets: 3 });
  t.match(localAddresses, [{ address: '10.2.0.200', device: 'dpdk1', missed: 0 }]);
}

/** The kernel beside the data plane speaks through dpdk0.kni. */
function checkCompanion(t: Test, wires: Wires): void {
  wires.namespaces.ip('lb', 'address', 'add', '10.1.0.2/24', 'dev', 'dpdk0.kni');
  t.ok(wires.pings('lb', '10.1.0.10'), 'the kernel reaches the client');
  t.ok(wires.pings('client', '10.1.0.2'), 'and the client the kernel');
  const words = ['curl', '-sS', '-m', '5', 'http://10.2.0.10:8080/'];
  wires.namespaces.ip('lb', 'address', 'add', '10.2.0.2/24', 'dev', 'dpdk1.kni');
  t.equal(wires.namespaces.run('lb', ...words), 'hello', 'as a health check does');
}

async function checkNeighbors(t: Test, wires: Wires, dataplane: DataplaneClient): Promise<void> {
  const macs = (await dataplane.neighbors())._unsafeUnwrap().map(({ address, mac, state }) => {
    return `${address} ${mac} ${state}`;
  });
  const link = wires.namespaces.ip('server', 'link', 'show', 'dev', 'eth0');
  const mac = /link\/ether (\S+)/.exec(link)?.[1];
  t.ok(macs.includes(`10.2.0.10 ${mac} REACHABLE`), 'the server is a neighbour');
}
