// Several workers on real wires: whoever receives a packet, its owner has the connection, and both
// ends of it are the kernel's.
import t, { type Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import type { OpenOptions, Statistics } from '../../src/dataplane/dataplane.js';
import { bodyBytes, changes, connect, dropsOf, options, sumOf, vip, Wires } from './wires.js';

const isRoot = process.getuid?.() === 0;
const skip = !isRoot && 'needs root';
const fetches = 24;

function withWorkers(workers: number, queues: string): OpenOptions {
  const ports = options.ports.map((port) => ({ ...port, device: `${port.device}${queues}` }));
  return { ...options, workers, ports };
}

async function traffic(t: Test, open: OpenOptions): Promise<Statistics> {
  const wires = new Wires();
  t.teardown(() => wires.remove());
  wires.start();
  const dataplane = await connect(t, wires);
  (await dataplane.open(open))._unsafeUnwrap();
  t.same((await dataplane.apply(changes))._unsafeUnwrap(), [], 'every change is taken');
  (await dataplane.lease('VI_1', 'dpdk0', [vip], null))._unsafeUnwrap();
  await waitFor('the server answers through the data plane', 20_000, () => {
    return wires.succeeds('client', 'curl', '-sS', '-m', '1', 'http://10.1.0.100/');
  });
  for (let i = 0; i < fetches; i++) t.equal(wires.fetch('/'), '200 5');
  t.equal(wires.fetch('/large'), `200 ${bodyBytes}`, 'a large answer');
  const statistics = (await dataplane.statistics())._unsafeUnwrap();
  for (const worker of statistics.workers) {
    t.equal(sumOf(worker), worker.rx, `worker ${worker.worker}: one verdict for each packet`);
    t.equal(dropsOf(worker), 0, 'none was dropped');
  }
  const serving = statistics.workers.filter(({ connections }) => connections > 0);
  t.ok(serving.length > 1, `${serving.length} workers have connections`);
  t.ok(statistics.workers.some(({ verdicts }) => (verdicts['steered'] ?? 0) > 0));
  t.match(statistics.localAddresses, [{ address: '10.2.0.200', missed: 0 }]);
  t.equal(
    statistics.servers[0]?.connections,
    serving.reduce((sum, { connections }) => {
      return sum + connections;
    }, 0),
    'every connection is counted once',
  );
  dataplane.disconnect();
  return statistics;
}

t.test('four workers, a queue for each', { skip }, async (t) => {
  await traffic(t, withWorkers(4, ''));
});

t.test('four workers, one queue: one receives and sends for all', { skip }, async (t) => {
  const { workers } = await traffic(t, withWorkers(4, ',qpairs=1'));
  const [first, ...others] = workers;
  t.ok((first?.injected ?? 0) > 0, 'worker 0 sends what others forwarded');
  t.ok(others.every(({ injected }) => injected === 0));
});

t.test('as many workers as there may be', { skip }, async (t) => {
  const wires = new Wires();
  t.teardown(() => wires.remove());
  wires.start();
  const dataplane = await connect(t, wires);
  const many = { ...withWorkers(64, ''), connectionsMax: 1024, packetBuffers: 16_384 };
  (await dataplane.open(many))._unsafeUnwrap();
  const { workers } = (await dataplane.statistics())._unsafeUnwrap();
  t.equal(workers.length, 64);
  t.same((await dataplane.apply(changes))._unsafeUnwrap(), []);
  (await dataplane.lease('VI_1', 'dpdk0', [vip], null))._unsafeUnwrap();
  await waitFor('the server answers through the data plane', 20_000, () => {
    return wires.succeeds('client', 'curl', '-sS', '-m', '1', 'http://10.1.0.100/');
  });
  t.equal(wires.fetch('/large'), `200 ${bodyBytes}`, 'a large answer');
  dataplane.disconnect();
});
