// The data plane on real wires: veth pairs between network namespaces, driven by net_af_packet. A
// client, the data plane, a server; kernel stacks at both ends check every checksum.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { Namespaces, type Started, waitFor } from '../../scripts/lab/namespaces.js';
import { DataplaneClient } from '../../src/dataplane/client.js';
import {
  describeDataplaneError,
  type OpenOptions,
  type WorkerStatistics,
} from '../../src/dataplane/dataplane.js';
import { socketPath } from '../../src/dataplane/paths.js';
import type { Change } from '../../src/dataplane/state.js';
import { HostClock } from '../../src/host/clock.js';
import { address, local, prefixOf, server, service, tcp, twoPorts, udp } from './examples.js';

const isRoot = process.getuid?.() === 0;
const vip = prefixOf('10.1.0.100/32');
const web = tcp('10.1.0.100:80');
const echo = udp('10.1.0.100:7');
const bodyBytes = 20_000_000;
/** Without what tap puts into every Node below it. */
const node = ['env', '-u', 'NODE_OPTIONS', process.execPath];

const options: OpenOptions = {
  ...twoPorts,
  filePrefix: `keelson-netns-${process.pid}`,
  connectionsMax: 65_536,
  packetBuffers: 8192,
  ports: [0, 1].map((index) => ({
    name: `dpdk${index}`,
    device: `net_af_packet${index},iface=eth${index}`,
    kniName: `dpdk${index}.kni`,
    mtuBytes: 1500,
  })),
};

const changes: readonly Change[] = [
  { verb: 'add_address', address: address('10.1.0.1/24', 'dpdk0') },
  { verb: 'add_address', address: address('10.2.0.1/24', 'dpdk1') },
  ...[web, echo].flatMap((key): Change[] => [
    { verb: 'add_service', service: service(key) },
    { verb: 'add_local_address', localAddress: local(key, '10.2.0.200') },
  ]),
  { verb: 'add_server', server: server(web, '10.2.0.10:8080') },
  { verb: 'add_server', server: server(echo, '10.2.0.10:7007') },
];

/** HTTP with a large answer, and UDP that answers what it gets. */
const serverScript = `
  require('node:http').createServer((request, response) => {
    response.end(request.url === '/large' ? Buffer.alloc(${bodyBytes}) : 'hello');
  }).listen(8080, '10.2.0.10');
  const echo = require('node:dgram').createSocket('udp4');
  echo.on('message', (message, from) => echo.send(message, from.port, from.address));
  echo.bind(7007, '10.2.0.10');
`;

/** Exits 0 when the echo reply comes within a second: Debian's ping is one package more. */
const pingScript = `
import socket, struct, sys
def checksum(octets):
    total = sum(struct.unpack('!%dH' % (len(octets) // 2), octets))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff
icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
icmp.settimeout(1)
request = struct.pack('!BBHHH', 8, 0, 0, 7, 7) + b'keelson!'
request = request[:2] + struct.pack('!H', checksum(request)) + request[4:]
icmp.sendto(request, (sys.argv[1], 0))
while True:
    packet, (source, _) = icmp.recvfrom(2048)
    if source == sys.argv[1] and packet[20] == 0 and checksum(packet[20:]) == 0:
        break
`;

const askScript = `
import socket, sys
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(3)
for size in (1, 2, 1400):
    udp.sendto(b'x' * size, (sys.argv[1], 7))
    assert udp.recvfrom(2048)[0] == b'x' * size
`;

class Wires {
  readonly namespaces = new Namespaces();
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));

  constructor() {
    for (const name of ['net', 'client', 'lb', 'server']) this.namespaces.add(name);
    for (const [index, name] of (['client', 'server'] as const).entries()) {
      this.namespaces.addBridge('net', `br${index}`);
      this.namespaces.connect(name, 'eth0', 'net', `br${index}`);
      this.namespaces.connect('lb', `eth${index}`, 'net', `br${index}`);
      this.namespaces.ip(name, 'address', 'add', `10.${index + 1}.0.10/24`, 'dev', 'eth0');
    }
    const log = join(this.folder, 'server.log');
    this.namespaces.start('server', log, [...node, '-e', serverScript]);
  }

  start(): Started {
    const words = [...node, command('dpvs'), '--runtime-dir', this.folder];
    return this.namespaces.start('lb', this.logFile(), words);
  }

  logFile(): string {
    return join(this.folder, 'dpvs.log');
  }

  /** From the client, or any other place with a kernel. */
  succeeds(name: string, ...words: string[]): boolean {
    try {
      this.namespaces.run(name, ...words);
      return true;
    } catch {
      return false;
    }
  }

  pings(name: string, target: string): boolean {
    return this.succeeds(name, 'python3', '-c', pingScript, target);
  }

  fetch(path: string): string {
    const words = ['-sS', '-m', '20', '-o', '/dev/null', '-w', '%{http_code} %{size_download}'];
    return this.namespaces.run('client', 'curl', ...words, `http://10.1.0.100${path}`);
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function connect(t: Test, wires: Wires): Promise<DataplaneClient> {
  const path = socketPath({ runtimeDirectory: wires.folder, instance: null });
  const clients: DataplaneClient[] = [];
  let reason = '';
  await waitFor('the data plane answers at its socket', 10_000, async () => {
    const connected = await DataplaneClient.connect(path, new HostClock(), 5000);
    if (connected.isOk()) clients.push(connected.value);
    else reason = describeDataplaneError(connected.error);
    return connected.isOk();
  }).catch((error: unknown) => {
    t.fail(`${String(error)}; ${reason}`, { log: readFileSync(wires.logFile(), 'utf8') });
  });
  const [client] = clients;
  if (client === undefined) throw new Error('the data plane does not start');
  return client;
}

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

function sumOf(worker: WorkerStatistics | undefined): number {
  return Object.values(worker?.verdicts ?? {}).reduce((left, right) => left + right, 0);
}

function dropsOf(worker: WorkerStatistics | undefined): number {
  const drops = Object.entries(worker?.verdicts ?? {}).filter(([name]) => name.startsWith('drop_'));
  return drops.reduce((sum, [, count]) => sum + count, 0);
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
