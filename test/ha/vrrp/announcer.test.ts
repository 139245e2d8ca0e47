import t from 'tap';
import type { GarpSettings } from '../../../src/config/garp.js';
import type { VirtualAddress } from '../../../src/config/vrrp.js';
import { AnnouncementQueues } from '../../../src/ha/vrrp/announcement-queues.js';
import { burstsOf } from '../../../src/ha/vrrp/announcement-schedule.js';
import { Announcer } from '../../../src/ha/vrrp/announcer.js';
import { SimulatedClock } from '../../sim/clock.js';
import { garp, secondAddress, virtualAddress } from './instance.js';

const own: VirtualAddress = { prefix: virtualAddress, device: 'eth0' };
const other: VirtualAddress = { prefix: secondAddress, device: 'vrrp.51' };

class Stage {
  readonly clock = new SimulatedClock();
  /** When each message left, by address. */
  readonly sent = new Map<string, number[]>();
  addresses: readonly VirtualAddress[] = [own];
  garp: GarpSettings;
  readonly announcer: Announcer;

  constructor(changes: Partial<GarpSettings> = {}) {
    this.garp = { ...garp, ...changes };
    this.announcer = new Announcer({
      clock: this.clock,
      queues: new AnnouncementQueues(this.clock),
      holder: 'V_1',
      garp: () => this.garp,
      surroundings: () => ({
        addresses: this.addresses,
        advertDevices: new Set(['eth0']),
        isVirtualDevice: (device) => device.startsWith('vrrp.'),
      }),
      send: async (addresses) => {
        for (const { prefix } of addresses) {
          const times = this.sent.get(prefix.address) ?? [];
          this.sent.set(prefix.address, [...times, this.clock.nowMs()]);
        }
        return true;
      },
    });
  }

  async pass(durationMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + durationMs;
    do await new Promise(setImmediate);
    while (this.clock.runNext(untilMs));
  }

  /** An advert each second, as a MASTER sends them. */
  async advertise(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      this.announcer.advertLeft();
      await this.pass(1000);
    }
  }

  times(address = virtualAddress.address): readonly number[] {
    return this.sent.get(address) ?? [];
  }
}

t.test('what a reason means', (t) => {
  t.same(burstsOf(garp, 'became_master'), { rounds: 5, againAfterMs: 5000 });
  t.same(burstsOf({ ...garp, masterDelayMs: 0 }, 'became_master').againAfterMs, null);
  const lower = { lowerPriorityRounds: 2, lowerPriorityDelayMs: 3000 };
  t.same(burstsOf({ ...garp, ...lower }, 'lower_priority'), { rounds: 2, againAfterMs: 3000 });
  const silent = { ...lower, lowerPriorityRounds: 0 };
  t.same(burstsOf({ ...garp, ...silent }, 'lower_priority'), { rounds: 0, againAfterMs: null });
  t.same(burstsOf(garp, 'addresses_added'), { rounds: 5, againAfterMs: null });
  t.end();
});

t.test('a new master announces five times, and again after five seconds', async (t) => {
  const stage = new Stage();
  stage.announcer.announce('became_master');
  await stage.pass(60_000);
  t.strictSame(stage.times(), [0, 0, 0, 0, 0, 5000, 5000, 5000, 5000, 5000]);
});

t.test('nothing is said any more after it has stopped', async (t) => {
  const stage = new Stage({ refreshMs: 1000 });
  stage.announcer.announce('became_master');
  await stage.pass(4999);
  stage.announcer.stop();
  await stage.pass(60_000);
  t.equal(stage.times().length, 5);
});

t.test('an advert of lower priority has a schedule of its own', async (t) => {
  const stage = new Stage({ lowerPriorityRounds: 2, lowerPriorityDelayMs: 3500 });
  stage.announcer.announce('became_master');
  await stage.pass(1000);
  stage.announcer.announce('lower_priority');
  await stage.pass(1000);
  stage.announcer.announce('lower_priority');
  await stage.pass(60_000);
  t.strictSame(stage.times().slice(5, 9), [1000, 1000, 2000, 2000]);
  t.strictSame(stage.times().slice(9), [5000, 5000, 5000, 5000, 5000, 5500, 5500]);
  const silent = new Stage({ lowerPriorityRounds: 0 });
  silent.announcer.announce('lower_priority');
  await silent.pass(60_000);
  t.strictSame(silent.times(), []);
});

t.test('refreshes keep to the adverts', async (t) => {
  const stage = new Stage({ masterDelayMs: 0, masterRounds: 1, refreshMs: 2500, refreshRounds: 2 });
  stage.announcer.announce('became_master');
  await stage.advertise(8);
  t.strictSame(stage.times(), [0, 3000, 3000, 6000, 6000]);
  stage.garp = { ...stage.garp, refreshMs: 0 };
  await stage.advertise(8);
  t.equal(stage.times().length, 5, 'off after a reload');
});

t.test('other interfaces are told as asked for', async (t) => {
  const extra = { intervalMs: 4000, isOnAll: false };
  const stage = new Stage({ masterDelayMs: 0, masterRounds: 1, extra });
  stage.addresses = [own, other, { prefix: secondAddress, device: 'eth7' }];
  stage.announcer.announce('became_master');
  await stage.advertise(6);
  t.strictSame(stage.times(), [0], 'the adverts show that one to the switches');
  t.strictSame(stage.times(secondAddress.address), [0, 0, 4000], 'only on the virtual one');
  stage.garp = { ...stage.garp, extra: { ...extra, isOnAll: true } };
  await stage.advertise(4);
  t.strictSame(stage.times(secondAddress.address).slice(3), [8000, 8000]);
});

t.test('what a reload takes away is not announced', async (t) => {
  const stage = new Stage();
  stage.addresses = [own, other];
  stage.announcer.announce('became_master');
  await stage.pass(1000);
  stage.addresses = [own];
  await stage.pass(60_000);
  t.equal(stage.times(secondAddress.address).length, 5);
  t.equal(stage.times().length, 10);
  stage.addresses = [own, other];
  stage.announcer.announce('addresses_added', [other]);
  await stage.pass(60_000);
  t.equal(stage.times(secondAddress.address).length, 10);
  t.equal(stage.times().length, 10, 'only what is new');
});
