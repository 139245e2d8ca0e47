import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { giveWay } from '../../src/host/thread-priority.js';

t.test('a thread gives way by itself, the others stay as they are', async (t) => {
  const before = getPriority(process.pid);
  const built = join(checkout, 'build/src/host/thread-priority.js');
  const source = `import('${built}').then(({ giveWay }) => {
    require('node:worker_threads').parentPort.postMessage(giveWay(12).isOk());
    setTimeout(() => {}, 60_000);
  });`;
  const worker = new Worker(source, { eval: true });
  t.teardown(() => worker.terminate());
  const isDone = await new Promise((resolve) => worker.once('message', resolve));
  t.equal(isDone, true);
  const threads = readdirSync('/proc/self/task').map((name) => getPriority(Number(name)));
  t.equal(threads.filter((nice) => nice === 12).length, 1);
  t.equal(getPriority(process.pid), before);
});

t.test('what the system refuses is its sentence', (t) => {
  t.ok(giveWay(getPriority(process.pid)).isOk());
  t.match(giveWay(99)._unsafeUnwrapErr(), /must be >= -20 && <= 19/);
  t.end();
});
