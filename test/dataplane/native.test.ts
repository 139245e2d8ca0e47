// The addon against the same contract as the simulated data plane, on ports that loop back in
// memory (net_ring), and what only the addon can get wrong. One process, so one open: the order
// matters.
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  type Dataplane,
  describeDataplaneError,
  type OpenOptions,
} from '../../src/dataplane/dataplane.js';
import { NativeDataplane } from '../../src/dataplane/native.js';
import type { Change, Route } from '../../src/dataplane/state.js';
import { verdicts } from '../../src/dataplane/verdicts.generated.js';
import { ipAddress } from '../../src/net/address.js';
import { checkContract } from './contract.js';
import { address, local, prefixOf, server, service, tcp, twoPorts } from './examples.js';

/** Without companion interfaces: those need root. */
const options: OpenOptions = {
  ...twoPorts,
  filePrefix: `keelson-test-${process.pid}`,
  ports: twoPorts.ports.map((port) => ({ ...port, kniName: '' })),
};

t.test('the addon keeps the contract', async (t) => {
  const dataplane = NativeDataplane.load()._unsafeUnwrap();
  await checkRefusals(t, dataplane);
  await checkContract(t, whileOpen(t, dataplane), options);
  const again = (await dataplane.open(options))._unsafeUnwrapErr();
  t.match(describeDataplaneError(again), /start a new process/, 'once per process');
});

/** What is wrong before anything is started leaves the process able to open. */
async function checkRefusals(t: Test, dataplane: Dataplane): Promise<void> {
  const [first] = options.ports;
  t.ok(first);
  const cases: readonly { wrong: Partial<OpenOptions>; sentence: RegExp }[] = [
    { wrong: { workers: 65 }, sentence: /^options\.workers must be a whole number 1\.\.64$/ },
    { wrong: { ports: [] }, sentence: /no port/ },
    { wrong: { workerCpus: [4095] }, sentence: /worker 0 cannot run on CPU 4095/ },
    { wrong: portWith('net_af_packet0,iface=keelson-none'), sentence: /keelson-none does not ex/ },
    { wrong: portWith('net_af_packet0'), sentence: /add iface=NAME/ },
    { wrong: portWith('ffff:ff:1f.7'), sentence: /there is no PCI device ffff:ff:1f.7/ },
    { wrong: { ports: [...options.ports, ...options.ports] }, sentence: /two ports are named/ },
  ];
  for (const { wrong, sentence } of cases) {
    const error = (await dataplane.open({ ...options, ...wrong }))._unsafeUnwrapErr();
    t.equal(error.type, 'dataplane.refused');
    t.match(describeDataplaneError(error), sentence);
  }
}

function portWith(device: string): Partial<OpenOptions> {
  return { ports: [{ name: 'dpdk0', device, kniName: '', mtuBytes: 1500 }] };
}

/** The data plane, with our own checks before it is closed. */
function whileOpen(t: Test, dataplane: Dataplane): Dataplane {
  const close = dataplane.close.bind(dataplane);
  dataplane.close = async () => {
    await checkFields(t, dataplane);
    await checkCounters(t, dataplane);
    await checkManyServices(t, dataplane);
    return close();
  };
  return dataplane;
}

async function checkFields(t: Test, dataplane: Dataplane): Promise<void> {
  const heavy = { ...server(tcp('192.0.2.5:80'), '10.0.0.2:80'), weight: 65_536 };
  const wrong = (await dataplane.apply([{ verb: 'add_server', server: heavy }]))._unsafeUnwrapErr();
  t.equal(
    describeDataplaneError(wrong),
    'changes[0].server.weight must be a whole number 0..65535',
    'a wrong field is named',
  );
  await checkBothFamilies(t, dataplane);
  const vip = prefixOf('192.0.2.77/32');
  (await dataplane.lease('VI_1', 'dpdk0', [vip], null))._unsafeUnwrap();
  const taken = (await dataplane.lease('VI_2', 'dpdk0', [vip], 1000))._unsafeUnwrapErr();
  t.match(describeDataplaneError(taken), /192\.0\.2\.77 is held by VI_1/, 'one holder');
  (await dataplane.lease('VI_1', 'dpdk0', [vip], 0))._unsafeUnwrap();
  t.same((await dataplane.leases('VI_1'))._unsafeUnwrap(), [], 'a lease that is over is gone');
  (await dataplane.lease('VI_2', 'dpdk0', [vip], 60_000))._unsafeUnwrap();
  (await dataplane.release('VI_2', [vip]))._unsafeUnwrap();
}

/** What is said of an address of either family is read back as it was said. */
async function checkBothFamilies(t: Test, dataplane: Dataplane): Promise<void> {
  const key = tcp('2001:db8::5:80');
  const newAddress = address('2001:db8::1/64');
  const newRoute: Route = {
    destination: prefixOf('2001:db8:8000::/33'),
    gateway: ipAddress('fe80::1'),
    device: 'dpdk1',
    owner: 'operator',
  };
  const newServer = server(key, '2001:db8:1::9:8080');
  const newSource = local(key, '2001:db8:1::2');
  const made: readonly Change[] = [
    { verb: 'add_address', address: newAddress },
    { verb: 'add_route', route: newRoute },
    { verb: 'add_service', service: service(key) },
    { verb: 'add_server', server: newServer },
    { verb: 'add_local_address', localAddress: newSource },
  ];
  t.same((await dataplane.apply(made))._unsafeUnwrap(), [], 'every change of IPv6 is taken');
  const running = (await dataplane.running())._unsafeUnwrap();
  t.same(running.addresses.at(-1), newAddress);
  t.same(running.routes.at(-1), newRoute);
  t.same(running.services, [service(key)]);
  t.same(running.servers, [newServer]);
  t.same(running.localAddresses, [newSource]);
  const mixed = { ...newRoute, destination: prefixOf('0.0.0.0/0') };
  const [failure] = (await dataplane.apply([{ verb: 'add_route', route: mixed }]))._unsafeUnwrap();
  t.match(failure, { index: 0, reason: /0\.0\.0\.0\/0 is IPv4, but its gateway fe80::1 is IPv6/ });
  const gone: readonly Change[] = [
    { verb: 'remove_service', service: service(key) },
    { verb: 'remove_route', route: newRoute },
    { verb: 'remove_address', address: newAddress },
  ];
  t.same((await dataplane.apply(gone))._unsafeUnwrap(), [], 'and goes again');
}

/** Announcements leave through the worker, and the ring port gives them back. */
async function checkCounters(t: Test, dataplane: Dataplane): Promise<void> {
  const announced = ['192.0.2.1/32', '2001:db8::1/128'].map(prefixOf);
  (await dataplane.announce('dpdk1', announced))._unsafeUnwrap();
  let [worker] = (await dataplane.statistics())._unsafeUnwrap().workers;
  for (let tries = 0; tries < 1000 && (worker?.rx ?? 0) < 3; tries++) {
    await delay(5);
    [worker] = (await dataplane.statistics())._unsafeUnwrap().workers;
  }
  t.equal(worker?.verdicts['punt_arp'], 2, 'both announcements of IPv4 came back as ARP');
  t.equal(worker?.verdicts['punt_nd'], 1, 'that of IPv6 as neighbour discovery');
  t.same(Object.keys(worker?.verdicts ?? {}), verdictNames(), 'every verdict has its name');
  const sum = Object.values(worker?.verdicts ?? {}).reduce((left, right) => left + right, 0);
  t.equal(worker?.rx, sum, 'every packet has one verdict');
  const ports = (await dataplane.ports())._unsafeUnwrap();
  t.same(
    ports.map(({ packets }) => packets),
    [
      { rx: 1, tx: 1 },
      { rx: 2, tx: 2 },
    ],
    'each port received what it sent',
  );
}

function verdictNames(): string[] {
  return verdicts.map(({ name }) => name);
}

async function checkManyServices(t: Test, dataplane: Dataplane): Promise<void> {
  const keys = Array.from({ length: 5000 }, (_, index) => ({
    ...tcp('192.0.2.1:80'),
    address: ipAddress(`10.${100 + (index >> 8)}.${index & 255}.1`),
  }));
  const made = keys.flatMap((key): Change[] => [
    { verb: 'add_service', service: service(key) },
    { verb: 'add_server', server: server(key, '10.0.0.2:80') },
    { verb: 'add_server', server: server(key, '10.0.0.3:80') },
  ]);
  t.same((await dataplane.apply(made))._unsafeUnwrap(), [], '5000 services with 2 servers each');
  const statistics = (await dataplane.statistics())._unsafeUnwrap();
  t.equal(statistics.services.length, 5000);
  t.equal(statistics.servers.length, 10_000);
  const gone = keys.map((key): Change => ({ verb: 'remove_service', service: service(key) }));
  t.same((await dataplane.apply(gone))._unsafeUnwrap(), [], 'and gone again');
  t.same((await dataplane.running())._unsafeUnwrap().servers, [], 'with their servers');
}
