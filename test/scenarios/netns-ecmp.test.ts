// Active-active: two balancers announce one address to a router that spreads clients over both.
// One after the other of the ways in which a balancer goes: its next hop leaves the router in time,
// the other one serves, and it comes back. What it cost clients is printed.
import t, { type Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import type { Attempt } from './ecmp-client.js';
import {
  bfdMs,
  drainSeconds,
  EcmpLab,
  holdDownSeconds,
  hopOf,
  localAddressOf,
  perSecond,
  vip,
} from './ecmp-lab.js';
import type { FibChange } from './fib-watch.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const [first, second] = ['lb1', 'lb2'] as const;
const both = [hopOf(first), hopOf(second)].sort();
const startMs = 60_000;
const backMs = 30_000;
/** As generous as a busy machine asks for; what it takes is printed. */
const slackMs = 3_000;
const afterwards = 25;

type Loss = {
  /** How it went, and how it comes back. */
  readonly go: () => Promise<void> | void;
  readonly comeBack: () => Promise<void> | void;
  /** Until its next hop has left the router. */
  readonly goneMs: number;
  /** `graceful`: nobody notices. */
  readonly isGraceful: boolean;
};

/** Both next hops, and pages through both balancers. */
async function spread(t: Test, lab: EcmpLab, fromMs: number): Promise<FibChange> {
  const equal = (hops: readonly string[]): boolean => hops.join() === both.join();
  const back = await lab.fib.until(vip, 'two next hops', equal, { fromMs, boundMs: startMs });
  const through = (name: 'lb1' | 'lb2') => (one: Attempt) => one.page === pageOf(name);
  await waitFor('pages through both', backMs, () => {
    const since = lab.attempts(back.atMs);
    return since.some(through(first)) && since.some(through(second));
  });
  t.pass('both serve');
  return back;
}

function pageOf(name: 'lb1' | 'lb2'): string {
  return localAddressOf(name);
}

/** The next connections all have their page, from the one that is left. */
async function served(t: Test, lab: EcmpLab, fromMs: number): Promise<void> {
  await waitFor('connections afterwards', backMs, () => lab.attempts(fromMs).length >= afterwards);
  const next = lab.attempts(fromMs).slice(0, afterwards);
  t.same(next.filter(isFailed), [], 'new connections succeed');
  t.ok(
    next.every(({ page }) => page === pageOf(second)),
    'through the other one',
  );
}

function isFailed({ error }: Attempt): boolean {
  return error !== null;
}

/** Open while the router changed its mind: the rest of it went to a balancer that knew nothing. */
function wasMoved({ beganMs, endedMs }: Attempt, changes: readonly FibChange[]): boolean {
  const slack = 20;
  return changes.some(({ atMs }) => beganMs < atMs + slack && endedMs > atMs - slack);
}

async function lose(t: Test, lab: EcmpLab, { go, comeBack, goneMs, isGraceful }: Loss) {
  const fromMs = Date.now();
  await go();
  const isGone = (hops: readonly string[]): boolean =>
    hops.length === 1 && hops[0] === hopOf(second);
  const bound = { fromMs, boundMs: goneMs + slackMs };
  const gone = await lab.fib.until(vip, `${first} leaves`, isGone, bound);
  t.ok(gone.atMs - fromMs <= goneMs + slackMs, `gone after ${(gone.atMs - fromMs).toFixed(0)} ms`);
  await served(t, lab, gone.atMs + 50);
  const returnMs = Date.now();
  await comeBack();
  const back = await spread(t, lab, returnMs);
  const all = lab.attempts(fromMs, back.atMs);
  const failed = all.filter(isFailed);
  const moves = lab.fib.changes(vip).filter(({ atMs }) => atMs >= fromMs);
  const unexplained = failed.filter((one) => !wasMoved(one, moves));
  t.comment(
    `next hop gone ${(gone.atMs - fromMs).toFixed(0)} ms, back ` +
      `${(back.atMs - returnMs).toFixed(0)} ms after its return; ${failed.length} of ` +
      `${all.length} connections failed (${kinds(failed)})`,
  );
  if (isGraceful) t.same(unexplained, [], 'none failed but those that the router moved');
  const most = ((gone.atMs - fromMs) / 1000) * perSecond;
  t.ok(failed.length <= most + perSecond / 2, `${failed.length} failed`);
  return { gone, back, returnMs };
}

function kinds(failed: readonly Attempt[]): string {
  const counts = new Map<string, number>();
  for (const { error } of failed) counts.set(error ?? '', (counts.get(error ?? '') ?? 0) + 1);
  return [...counts].map(([error, count]) => `${error} ${count}`).join(', ') || 'none';
}

t.test('two balancers behind one router', { skip, timeout: 300_000 }, async (t) => {
  const lab = new EcmpLab();
  t.teardown(() => lab.remove());
  t.on('bailout', () => lab.remove());
  t.test = t.test.bind(t);
  await lab.start();
  lab.startClient();
  await spread(t, lab, 0);

  const restart = () => lab.startBalancer(first);
  const losses: Readonly<Record<string, Loss>> = {
    'a daemon that hangs': {
      go: () => lab.signal(first, 'SIGSTOP'),
      comeBack: () => lab.signal(first, 'SIGCONT'),
      goneMs: bfdMs * 3,
      isGraceful: true,
    },
    'a pulled link': {
      go: () => lab.pullLink(first),
      comeBack: () => lab.plugLink(first),
      goneMs: 500,
      isGraceful: false,
    },
    'no servers': {
      go: () => lab.stopWeb('web1'),
      comeBack: () => lab.startWeb('web1'),
      goneMs: 5_000,
      isGraceful: false,
    },
    'a drain': {
      go: async () => void (await lab.tool(first, 'keelson', 'drain')),
      comeBack: async () => void (await lab.tool(first, 'keelson', 'undrain')),
      goneMs: 2_000,
      isGraceful: true,
    },
    SIGTERM: {
      go: () => lab.signal(first, 'SIGTERM'),
      comeBack: restart,
      goneMs: 500,
      isGraceful: true,
    },
    'a dead node': {
      go: () => lab.kill(first),
      comeBack: restart,
      goneMs: bfdMs * 3,
      isGraceful: false,
    },
  };
  for (const [name, loss] of Object.entries(losses)) {
    await t.test(name, async (t) => {
      const { back, returnMs } = await lose(t, lab, loss);
      if (name === 'no servers') {
        t.ok(back.atMs - returnMs >= holdDownSeconds * 1000, 'held down before');
      }
    });
  }
  t.ok(drainSeconds > 0);
});
