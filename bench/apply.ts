// What changes of the tables cost, as whoever sends them sees it: a data plane of its own in a
// namespace, on ports without wires, behind its socket. Ten thousand services come into being, then
// single servers among them change.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../scripts/lab/namespaces.js';
import { applyChanges } from '../src/dataplane/apply.js';
import { DataplaneClient } from '../src/dataplane/client.js';
import { describeDataplaneError, type OpenOptions } from '../src/dataplane/dataplane.js';
import { socketPath } from '../src/dataplane/paths.js';
import type { AddressKey, Change, Server } from '../src/dataplane/state.js';
import { HostClock } from '../src/host/clock.js';
import { ipAddress } from '../src/net/address.js';
import { serverDefaults, serviceDefaults } from '../src/net/service.js';

const servicesCount = 10_000;
const serversPerService = 4;
const singleChanges = 200;
const timeoutMs = 60_000;

type Row = {
  readonly name: string;
  readonly changes: number;
  /** Of a request, from sending to its answer. */
  readonly medianUs: number;
  readonly worstUs: number;
};

export async function benchApply(options: readonly string[]): Promise<number> {
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    const rows = await measure(await open(namespaces, folder));
    if (options.includes('--json')) for (const row of rows) console.log(JSON.stringify(row));
    else printTable(rows);
  } finally {
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

async function open(namespaces: Namespaces, folder: string): Promise<DataplaneClient> {
  namespaces.add('lb');
  const words = [process.execPath, command('dpvs'), '--runtime-dir', folder];
  namespaces.start('lb', join(folder, 'dpvs.log'), words);
  const path = socketPath({ runtimeDirectory: folder, instance: null });
  const clients: DataplaneClient[] = [];
  await waitFor('the data plane answers at its socket', 10_000, async () => {
    const connected = await DataplaneClient.connect(path, new HostClock(), timeoutMs);
    if (connected.isOk()) clients.push(connected.value);
    return connected.isOk();
  });
  const [client] = clients;
  if (client === undefined) throw new Error('the data plane does not start');
  const opened = await client.open(openOptions());
  if (opened.isErr()) throw new Error(describeDataplaneError(opened.error));
  return client;
}

function openOptions(): OpenOptions {
  return {
    filePrefix: `keelson-bench-${process.pid}`,
    workers: 1,
    workerCpus: [],
    poll: 'adaptive',
    connectionsMax: 65_536,
    packetBuffers: 4096,
    hugepages: 'off',
    ports: [0, 1].map((index) => ({
      name: `dpdk${index}`,
      device: `net_ring${index}`,
      kniName: `dpdk${index}.kni`,
      mtuBytes: 1500,
    })),
  };
}

async function measure(client: DataplaneClient): Promise<Row[]> {
  const keys = Array.from({ length: servicesCount }, (_, index) => serviceKey(index));
  const startMs = performance.now();
  await send(client, keys.flatMap(serviceChanges));
  const allUs = (performance.now() - startMs) * 1000;
  const changes = servicesCount * (2 + serversPerService);
  const one: number[] = [];
  for (let i = 0; i < singleChanges; i++) {
    const key = keys[(i * 7919) % servicesCount] ?? serviceKey(0);
    const sentMs = performance.now();
    await send(client, [{ verb: 'alter_server', server: { ...server(key, 0), weight: 2 + i } }]);
    one.push((performance.now() - sentMs) * 1000);
  }
  one.sort((left, right) => left - right);
  const medianUs = one[Math.floor(one.length / 2)] ?? 0;
  return [
    { name: `apply/${servicesCount}-services`, changes, medianUs: allUs, worstUs: allUs },
    { name: 'apply/one-server-among-them', changes: 1, medianUs, worstUs: one.at(-1) ?? 0 },
  ];
}

async function send(client: DataplaneClient, changes: readonly Change[]): Promise<void> {
  const log = { write: (_level: string, line: string): void => console.error(line) };
  const applied = await applyChanges(client, changes, log);
  if (applied.isErr()) throw new Error(describeDataplaneError(applied.error));
  if (applied.value.length > 0) throw new Error(`${applied.value.length} changes were refused`);
}

function serviceKey(index: number): AddressKey {
  const address = ipAddress(`192.0.2.${1 + (index % 200)}`);
  return { address, port: 1000 + Math.floor(index / 200), protocol: 'TCP' };
}

function server(service: AddressKey, index: number): Server {
  const endpoint = { address: ipAddress(`198.51.100.${1 + index}`), port: service.port };
  return { service, endpoint, owner: 'config', ...serverDefaults, method: 'FNAT' };
}

function serviceChanges(key: AddressKey): Change[] {
  const address = ipAddress('198.51.100.200');
  return [
    { verb: 'add_service', service: { key, owner: 'config', ...serviceDefaults } },
    {
      verb: 'add_local_address',
      localAddress: { service: key, address, device: 'dpdk1', owner: 'config', isLeased: false },
    },
    ...Array.from({ length: serversPerService }, (_, index): Change => {
      return { verb: 'add_server', server: server(key, index) };
    }),
  ];
}

function printTable(rows: readonly Row[]): void {
  console.log('case                            changes  us per request (median)    worst');
  for (const { name, changes, medianUs, worstUs } of rows) {
    const figures = [String(changes).padStart(7), medianUs.toFixed(0).padStart(25)];
    console.log(`${name.padEnd(32)}${figures.join('')}${worstUs.toFixed(0).padStart(9)}`);
  }
  console.log('a batch holds 4096 changes at most; a single change is one request and its answer');
}
