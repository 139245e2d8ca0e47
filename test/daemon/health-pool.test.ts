import t from 'tap';
import { HealthPool } from '../../src/daemon/health-pool.js';
import type { FromHealthThread, ToHealthThread } from '../../src/daemon/messages.js';
import { LatencyHistogram } from '../../src/health/latency-histogram.js';
import type { ProbedTarget } from '../../src/health/targets.js';
import { target } from '../health/examples.js';

class Thread {
  readonly heard: (message: FromHealthThread) => void;
  readonly posted: ToHealthThread[] = [];

  constructor(heard: (message: FromHealthThread) => void) {
    this.heard = heard;
  }

  post(message: ToHealthThread): void {
    this.posted.push(message);
  }

  get targets(): readonly string[] {
    const last = this.posted.findLast((one) => one.type === 'targets_changed');
    return last?.targets.map(({ id }) => id) ?? [];
  }
}

const manner = {
  scripts: { isSecure: true, owner: null },
  thread: { nice: null, realTime: null, cpus: [] },
};

function created(threadsMax: number) {
  const threads: Thread[] = [];
  const verdicts: [string, boolean][] = [];
  const pool = new HealthPool({
    threadsMax,
    newThread: (heard) => {
      const thread = new Thread(heard);
      threads.push(thread);
      return thread;
    },
    verdict: (id, { isUp }) => verdicts.push([id, isUp]),
  });
  return { pool, threads, verdicts };
}

function distinct(count: number, prefix = ''): ProbedTarget[] {
  return Array.from({ length: count }, (_, mark) => target(`${prefix}${mark}`, { mark }));
}

t.test('nothing to check needs no thread', async (t) => {
  const { pool, threads } = created(4);
  pool.update([], manner);
  t.equal(threads.length, 0);
  t.equal(await pool.report(), null);
});

t.test('threads come with the checks, up to as many as there are cores', (t) => {
  const { pool, threads } = created(3);
  pool.update(distinct(4_000), manner);
  t.equal(threads.length, 1);
  pool.update(distinct(9_000), manner);
  t.same(
    threads.map((one) => one.targets.length),
    [5_000, 4_000],
    'and those that were there stay where they were',
  );
  pool.update(distinct(40_000), manner);
  t.equal(threads.length, 3);
  const counts = threads.map((one) => one.targets.length);
  t.ok(Math.max(...counts) - Math.min(...counts) < 2, `${counts}`);
  pool.update([], manner);
  t.same(
    threads.map((one) => one.targets.length),
    [0, 0, 0],
  );
  t.end();
});

t.test('equal checkers meet on one thread', (t) => {
  const { pool, threads } = created(2);
  pool.update([...distinct(9_000, 'one '), ...distinct(9_000, 'other ')], manner);
  t.same(
    threads.map((one) => one.targets.length),
    [10_000, 8_000],
  );
  for (const { targets } of threads) {
    const marks = targets.map((id) => id.split(' ')[1]);
    t.equal(new Set(marks).size * 2, marks.length);
  }
  t.end();
});

t.test('verdicts and reports of all threads are one', async (t) => {
  const { pool, threads, verdicts } = created(2);
  pool.update(distinct(6_000), manner);
  const asked = [pool.report(), pool.report()];
  const latencies = new LatencyHistogram();
  latencies.add(7);
  for (const [index, { heard }] of threads.entries()) {
    heard({
      type: 'verdict_reached',
      targetId: `${index}`,
      verdict: { isUp: index === 0, weightChange: 0 },
    });
    const gate = { started: 1, underWay: 1, waiting: 2, late: 3, worstLatenessMs: index };
    heard({ type: 'reported', report: { checks: [], gate, latencies: latencies.summary } });
  }
  t.same(verdicts, [
    ['0', true],
    ['1', false],
  ]);
  const [report, same] = await Promise.all(asked);
  t.match(report, {
    gate: { started: 2, underWay: 2, waiting: 4, late: 6, worstLatenessMs: 1 },
    latencies: { count: 2, sumMs: 14 },
  });
  t.equal(same, report, 'asked once for all who ask at once');
  t.not(pool.report(), asked[0]);
  pool.stop();
  t.same(
    threads.map(({ posted }) => posted.at(-1)),
    [{ type: 'stop' }, { type: 'stop' }],
  );
});
