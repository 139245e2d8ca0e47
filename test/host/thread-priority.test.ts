import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { giveWay, runOn, withPrecedence } from '../../src/host/thread-priority.js';

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

/** SCHED_RR is policy 2; of the thread that asks. */
function policyOf(): { readonly policy: number; readonly priority: number } {
  const fields = readFileSync('/proc/thread-self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return { priority: Number(fields[37]), policy: Number(fields[38]) };
}

t.test('precedence lasts as long as the work', (t) => {
  withPrecedence(3, () => t.same(policyOf(), { policy: 2, priority: 3 }));
  t.same(policyOf(), { policy: 0, priority: 0 });
  t.throws(() =>
    withPrecedence(3, () => {
      throw new Error('of the work');
    }),
  );
  t.same(policyOf(), { policy: 0, priority: 0 });
  withPrecedence(null, () => t.same(policyOf(), { policy: 0, priority: 0 }));
  t.end();
});

t.test('CPUs are those that are asked for, then all', (t) => {
  const allowed = () => /^Cpus_allowed_list:\s+(\S+)$/m.exec(statusOf())?.[1];
  const before = allowed();
  t.ok(runOn([0]).isOk());
  t.equal(allowed(), '0');
  t.ok(runOn([]).isOk());
  t.equal(allowed(), before);
  t.match(runOn([1023])._unsafeUnwrapErr(), /Invalid argument/);
  t.end();
});

function statusOf(): string {
  return readFileSync('/proc/thread-self/status', 'utf8');
}
