// The wires of the data plane's tests: veth pairs between network namespaces, a client, the data
// plane, a server; kernel stacks at both ends check every checksum.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
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

export const vip = prefixOf('10.1.0.100/32');
const web = tcp('10.1.0.100:80');
const echo = udp('10.1.0.100:7');
export const bodyBytes = 20_000_000;
/** Without what tap puts into every Node below it. */
export const node = ['env', '-u', 'NODE_OPTIONS', process.execPath];

export const options: OpenOptions = {
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

export const changes: readonly Change[] = [
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

export class Wires {
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

/** Where a data plane was started, and what it says. */
type Beginning = { readonly folder: string; logFile(): string };

export async function connect(t: Test, wires: Beginning): Promise<DataplaneClient> {
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

export function sumOf(worker: WorkerStatistics | undefined): number {
  return Object.values(worker?.verdicts ?? {}).reduce((left, right) => left + right, 0);
}

export function dropsOf(worker: WorkerStatistics | undefined): number {
  const drops = Object.entries(worker?.verdicts ?? {}).filter(([name]) => name.startsWith('drop_'));
  return drops.reduce((sum, [, count]) => sum + count, 0);
}
