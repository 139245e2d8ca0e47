import t from 'tap';
import type { GarpRates } from '../../../src/config/garp.js';
import type { VirtualAddress } from '../../../src/config/vrrp.js';
import { AnnouncementQueues } from '../../../src/ha/vrrp/announcement-queues.js';
import { parsePrefix } from '../../../src/net/prefix.js';
import { SimulatedClock } from '../../sim/clock.js';

function at(device: string, ...texts: string[]): VirtualAddress[] {
  return texts.map((text) => ({ prefix: parsePrefix(`${text}/32`)._unsafeUnwrap(), device }));
}

function at6(device: string, ...texts: string[]): VirtualAddress[] {
  return texts.map((text) => ({ prefix: parsePrefix(`${text}/128`)._unsafeUnwrap(), device }));
}

class Stage {
  readonly clock = new SimulatedClock();
  readonly queues = new AnnouncementQueues(this.clock);
  /** "holder address @ms" in the order in which they left. */
  readonly sent: string[] = [];
  /** The sizes of what left together. */
  readonly batches: number[] = [];
  readonly failing = new Set<string>();

  constructor(rates?: Partial<GarpRates>) {
    if (rates === undefined) return;
    const others = { arpIntervalMs: 0, advertisementIntervalMs: 0 };
    this.queues.configure({ others, groups: [], ...rates });
  }

  add(holder: string, addresses: readonly VirtualAddress[], rounds: number): void {
    const send = async (batch: readonly VirtualAddress[]): Promise<boolean> => {
      this.batches.push(batch.length);
      for (const { prefix } of batch) {
        this.sent.push(`${holder} ${prefix.address} @${this.clock.nowMs()}`);
      }
      return !this.failing.has(holder);
    };
    this.queues.add({ holder, addresses, rounds, send });
  }

  async pass(durationMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + durationMs;
    do await new Promise(setImmediate);
    while (this.clock.runNext(untilMs));
  }
}

t.test('rounds go back to back, the first at once', async (t) => {
  const stage = new Stage();
  stage.add('V', at('eth0', '10.0.0.1', '10.0.0.2'), 3);
  t.strictSame(stage.sent, ['V 10.0.0.1 @0', 'V 10.0.0.2 @0'], 'in the same turn');
  await stage.pass(0);
  const rounds = stage.sent.map((line) => line.split(' ')[1]);
  t.strictSame(rounds, Array.from({ length: 3 }, () => ['10.0.0.1', '10.0.0.2']).flat());
});

t.test('a turn of the loop sends so many messages and no more', async (t) => {
  const stage = new Stage();
  const many = Array.from({ length: 100 }, (_, n) => `10.0.1.${n}`);
  stage.add('V', at('eth0', ...many), 2);
  stage.add('W', at('eth1', '10.0.0.1'), 1);
  await new Promise(setImmediate);
  t.strictSame(stage.batches, [64], 'nothing else in this turn');
  await stage.pass(0);
  t.equal(stage.sent.length, 201);
  t.equal(stage.sent.filter((line) => line.startsWith('W')).length, 1);
  t.ok(stage.batches.every((size) => size <= 64));
});

t.test('spaced messages keep their distance, across holders and devices of a group', async (t) => {
  const groups = [
    { arpIntervalMs: 100, advertisementIntervalMs: 250, interfaces: ['eth0', 'eth1'] },
  ];
  const stage = new Stage({ groups });
  stage.add('V', at('eth0', '10.0.0.1'), 2);
  stage.add('W', at('eth1', '10.0.0.2'), 2);
  stage.add('W', at6('eth1', '2001:db8::1'), 2);
  stage.add('X', at('eth2', '10.0.0.3'), 2);
  await stage.pass(1000);
  t.strictSame(
    stage.sent.filter((line) => !line.includes(':') && !line.startsWith('X')),
    ['V 10.0.0.1 @0', 'W 10.0.0.2 @100', 'V 10.0.0.1 @200', 'W 10.0.0.2 @300'],
    'everybody once before anybody twice',
  );
  t.strictSame(
    stage.sent.filter((line) => line.includes(':')),
    ['W 2001:db8::1 @0', 'W 2001:db8::1 @250'],
    'advertisements have a time of their own',
  );
  t.strictSame(
    stage.sent.filter((line) => line.startsWith('X')),
    ['X 10.0.0.3 @0', 'X 10.0.0.3 @0'],
    'of no group',
  );
  stage.add('V', at('eth0', '10.0.0.1'), 1);
  t.equal(stage.sent.at(-1), 'V 10.0.0.1 @1000', 'at once after a rest');
});

t.test('interfaces that are in no group do not wait for each other', async (t) => {
  const stage = new Stage({ others: { arpIntervalMs: 50, advertisementIntervalMs: 0 } });
  stage.add('V', [...at('eth0', '10.0.0.1'), ...at('eth1', '10.0.0.2')], 2);
  await stage.pass(1000);
  t.strictSame(stage.sent.toSorted(), [
    'V 10.0.0.1 @0',
    'V 10.0.0.1 @50',
    'V 10.0.0.2 @0',
    'V 10.0.0.2 @50',
  ]);
});

t.test('intervals finer than timers are kept on the average', async (t) => {
  const stage = new Stage({ others: { arpIntervalMs: 0.25, advertisementIntervalMs: 0 } });
  stage.add('V', at('eth0', '10.0.0.1'), 400);
  await stage.pass(50);
  t.ok(Math.abs(stage.sent.length - 200) <= 8, `${stage.sent.length} in 50 ms`);
  await stage.pass(1000);
  t.equal(stage.sent.length, 400);
});

t.test('a holder waits once, and what is dropped is not sent', async (t) => {
  const stage = new Stage({ others: { arpIntervalMs: 100, advertisementIntervalMs: 0 } });
  for (let times = 0; times < 1000; times++) stage.add('V', at('eth0', '10.0.0.1'), 3);
  stage.add('V', at('eth0', '10.0.0.2'), 1);
  await stage.pass(10_000);
  t.strictSame(stage.sent.length, 7, 'the first, and three rounds of both');
  stage.sent.length = 0;
  stage.add('V', at('eth0', '10.0.0.1'), 5);
  stage.add('W', at('eth0', '10.0.0.2'), 2);
  await stage.pass(100);
  stage.queues.drop('V');
  await stage.pass(10_000);
  t.equal(stage.sent.filter((line) => line.startsWith('V')).length, 1);
  t.equal(stage.sent.filter((line) => line.startsWith('W')).length, 2);
});

t.test('what cannot be sent is given up, others go on', async (t) => {
  const stage = new Stage();
  stage.failing.add('V');
  stage.add('V', at('eth0', '10.0.0.1'), 5);
  stage.add('W', at('eth0', '10.0.0.2'), 2);
  await stage.pass(0);
  t.strictSame(stage.sent, ['V 10.0.0.1 @0', 'W 10.0.0.2 @0', 'W 10.0.0.2 @0']);
});

t.test('a reload changes the rate of what waits', async (t) => {
  const stage = new Stage({ others: { arpIntervalMs: 10_000, advertisementIntervalMs: 0 } });
  stage.add('V', at('eth0', '10.0.0.1'), 3);
  await stage.pass(5);
  const others = { arpIntervalMs: 1, advertisementIntervalMs: 0 };
  stage.queues.configure({ others, groups: [] });
  stage.queues.configure({ others, groups: [] });
  await stage.pass(2);
  t.strictSame(stage.sent, ['V 10.0.0.1 @0', 'V 10.0.0.1 @5', 'V 10.0.0.1 @6']);
  await stage.pass(60_000);
  t.equal(stage.sent.length, 3);
});
