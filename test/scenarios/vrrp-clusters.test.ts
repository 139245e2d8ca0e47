// Two, three and five VRRP routers through trouble and calm, ten thousand times, in two processes.
// `SEED=n npx tap run test/scenarios/vrrp-clusters.test.ts` replays one story and prints it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { faultOf, tellCluster } from './vrrp-cluster.js';

const run = promisify(execFile);
const seedsMax = 10_000;
const processes = 2;
/** Seeds that once failed; they are told in every run. */
const foundSeeds: readonly number[] = [];
const child = join(checkout, 'build', 'test', 'scenarios', 'vrrp-cluster-child.js');

/** What failed; every child ends with a line of its own. */
async function tellMany(from: number, to: number): Promise<string[]> {
  const { stdout } = await run(process.execPath, [child, String(from), String(to)]);
  const lines = stdout.trimEnd().split('\n');
  return lines.pop() === `told ${from} to ${to}` ? lines : [`${from} to ${to} came to no end`];
}

t.test('every virtual router has one master when all is calm', async (t) => {
  const chosen = process.env['SEED'];
  if (chosen !== undefined) {
    const { violation, cluster } = await tellCluster(Number(chosen));
    t.comment(cluster.world.story.join('\n'));
    t.equal(violation, null);
    return;
  }
  const share = seedsMax / processes;
  const ranges = Array.from({ length: processes }, (_, n) => [n * share + 1, (n + 1) * share]);
  const found = foundSeeds.map((seed) => [seed, seed]);
  const told = [...found, ...ranges].map(([from = 1, to = 1]) => tellMany(from, to));
  const failed = (await Promise.all(told)).flat();
  t.strictSame(failed.slice(0, 10), [], `${failed.length} of ${seedsMax} seeds`);
});

t.test('the watch sees two masters', async (t) => {
  const { cluster } = await tellCluster(3);
  t.equal(faultOf(cluster), null);
  cluster.world.wire.isApart = () => true;
  const nowMs = cluster.world.clock.nowMs();
  await cluster.world.runUntil(nowMs + cluster.settleMs, () => {});
  t.match(faultOf(cluster), /masters/);
});
