import t from 'tap';
import type { VrrpInstance } from '../../../src/config/vrrp.js';
import { AnnouncementQueues } from '../../../src/ha/vrrp/announcement-queues.js';
import { type Advertisement, encodeAdvertisement, vrrpGroup } from '../../../src/ha/vrrp/packet.js';
import { type VrrpFact, VrrpSpeaker } from '../../../src/ha/vrrp/speaker.js';
import { ipAddress } from '../../../src/net/address.js';
import { noObjects } from '../../config/no-objects.js';
import { SimulatedOwner } from '../../sim/address-owner.js';
import { SimulatedClock } from '../../sim/clock.js';
import { SimulatedProcess } from '../../sim/process.js';
import { seededRandom } from '../../sim/random.js';
import { SimulatedWire, type WirePort } from '../../sim/wire.js';
import { garp, instance, secondAddress, virtualAddress } from './instance.js';

const sourceAddress = ipAddress('10.0.0.2');
const peer = ipAddress('10.0.0.1');

class Stage {
  readonly clock = new SimulatedClock();
  readonly process = new SimulatedProcess();
  readonly port: WirePort;
  readonly owner: SimulatedOwner;
  readonly facts: VrrpFact[] = [];
  readonly lines: string[] = [];
  readonly late: number[] = [];
  readonly speaker: VrrpSpeaker;

  constructor(changes: Partial<VrrpInstance> = {}) {
    const random = seededRandom(1);
    this.port = new SimulatedWire(this.clock, random).attach(sourceAddress);
    this.owner = new SimulatedOwner(this.clock, random, 0);
    this.speaker = new VrrpSpeaker({
      instance: instance(changes),
      sourceAddress,
      clock: this.process.clock(this.clock),
      epochMs: () => this.clock.nowMs(),
      packets: this.process.packets(this.port),
      owner: this.owner,
      announcements: new AnnouncementQueues(this.process.clock(this.clock)),
      log: { write: (_level, line) => this.lines.push(line) },
      report: (fact) => this.facts.push(fact),
      leftLate: (lateMs) => this.late.push(lateMs),
    });
  }

  async pass(durationMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + durationMs;
    do await new Promise(setImmediate);
    while (this.clock.runNext(untilMs));
  }

  hear(priority: number, changes: Partial<Advertisement> = {}): void {
    const advertisement: Advertisement = {
      version: 2,
      source: peer,
      virtualRouterId: 51,
      priority,
      advertIntervalMs: 1000,
      authentication: { type: 'none' },
      addresses: [virtualAddress.address],
      ...changes,
    };
    const payload = encodeAdvertisement(advertisement, vrrpGroup, 'rfc');
    this.port.deliver({
      source: peer,
      destination: vrrpGroup,
      hops: 255,
      protocol: 112,
      identification: 1,
      payload,
      statedBytes: payload.length,
    });
  }

  /** The priorities advertised since the last look. */
  sent(): readonly number[] {
    return this.port.datagrams.splice(0).map(({ payload }) => payload[2] ?? -1);
  }

  get state(): VrrpFact['state'] {
    return this.speaker.fact().state;
  }
}

t.test('alone on the segment: master after 3.610 s, announced twice, then stopped', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(3609);
  t.equal(stage.state, 'BACKUP');
  t.strictSame(stage.sent(), []);
  await stage.pass(1);
  t.equal(stage.state, 'MASTER');
  t.strictSame(stage.sent(), [100]);
  const burst = Array<string>(5).fill('announce 10.0.0.100/32');
  t.strictSame(stage.owner.calls, ['release 10.0.0.100/32', 'lease 10.0.0.100/32 2900', ...burst]);
  stage.owner.calls.length = 0;
  await stage.pass(5000);
  t.strictSame(stage.sent(), [100, 100, 100, 100, 100], 'one a second');
  const renewals = stage.owner.calls.filter((call) => call.startsWith('lease'));
  t.strictSame(renewals, Array<string>(5).fill('lease 10.0.0.100/32 2900'));
  t.strictSame(
    stage.owner.calls.filter((call) => call.startsWith('announce')),
    burst,
  );
  await stage.speaker.stop();
  t.strictSame(stage.sent(), [0]);
  t.notOk(stage.owner.holds(virtualAddress));
  await stage.pass(20_000);
  t.strictSame(stage.sent(), [], 'silent');
  t.strictSame(
    stage.facts.map(({ state, sinceMs }) => `${state} ${sinceMs}`),
    ['BACKUP 0', 'MASTER 3609.375', 'INIT 8610'],
  );
  t.match(stage.speaker.fact(), {
    instance: 'V_1',
    priority: 100,
    masterAddress: null,
    counters: { advertsSent: 7, priorityZeroSent: 1, becameMaster: 1, releasedMaster: 1 },
  });
  t.strictSame(stage.lines, [
    '(V_1) Entering BACKUP STATE',
    '(V_1) Receive advertisement timeout',
    '(V_1) Entering MASTER STATE',
    '(V_1) sent 0 priority',
  ]);
});

t.test('a master that stops is followed after the skew alone', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(1000);
  stage.hear(150);
  t.equal(stage.speaker.fact().masterAddress, peer);
  t.equal(stage.facts.at(-1)?.masterAddress, peer, 'reported');
  await stage.pass(3600);
  t.equal(stage.state, 'BACKUP', 'the advert has put the timer back');
  stage.hear(0);
  await stage.pass(609);
  t.equal(stage.state, 'BACKUP');
  await stage.pass(1);
  t.equal(stage.state, 'MASTER');
});

t.test('a better master takes the addresses away at once', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(4000);
  stage.hear(150);
  t.equal(stage.state, 'BACKUP');
  await stage.pass(0);
  t.notOk(stage.owner.holds(virtualAddress));
  t.equal(stage.facts.at(-1)?.masterAddress, peer);
  t.ok(
    stage.lines.includes(
      '(V_1) Master received advert from 10.0.0.1 with higher priority 150, ours 100',
    ),
  );
});

t.test('a worse one that goes on is told about once', async (t) => {
  const stage = new Stage({ preempts: true });
  stage.speaker.start({ resumes: false });
  for (const _ of [1, 2, 3]) stage.hear(50);
  t.equal(stage.lines.filter((line) => line.includes('discarding')).length, 1);
  t.equal(stage.speaker.fact().masterAddress, peer, 'it is the master all the same');
  await stage.pass(3610);
  t.equal(stage.state, 'MASTER', 'preempted');
});

t.test('a process that comes back within its lease goes on as master', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: true });
  t.equal(stage.state, 'MASTER');
  t.strictSame(stage.sent(), [100]);
  await stage.pass(0);
  t.notOk(stage.owner.calls.some((call) => call.startsWith('release')));
});

t.test('a master that stood still beyond its lease has lost it', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(4000);
  stage.sent();
  stage.process.stop();
  await stage.pass(3500);
  t.notOk(stage.owner.holds(virtualAddress), 'gone by itself');
  stage.process.continue(false);
  t.equal(stage.state, 'BACKUP');
  await stage.pass(3600);
  t.strictSame(stage.sent(), [], 'not one advert');
  await stage.pass(10);
  t.equal(stage.state, 'MASTER');
});

t.test('a master that stood still within its lease keeps it', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(4000);
  stage.process.stop();
  await stage.pass(2000);
  stage.process.continue(false);
  t.equal(stage.state, 'MASTER');
  t.ok(stage.owner.holds(virtualAddress));
});

t.test('a lease that is off lasts, asleep or not', async (t) => {
  const stage = new Stage({ leases: false });
  stage.speaker.start({ resumes: false });
  await stage.pass(4000);
  t.ok(stage.owner.calls.includes('lease 10.0.0.100/32 null'));
  stage.process.stop();
  await stage.pass(60_000);
  stage.process.continue(false);
  t.equal(stage.state, 'MASTER');
  t.ok(stage.owner.holds(virtualAddress));
});

t.test('a backup that stood still reads its socket before it takes over', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  stage.process.stop();
  await stage.pass(3500);
  stage.hear(150);
  await stage.pass(150);
  stage.process.continue(false);
  await stage.pass(1000);
  t.equal(stage.state, 'BACKUP');
  t.strictSame(stage.sent(), []);
  await stage.pass(2610);
  t.equal(stage.state, 'MASTER', 'silence since then');
});

t.test('adverts that do not leave hold no address', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(3600);
  stage.port.isUp = false;
  await stage.pass(500);
  t.equal(stage.state, 'MASTER');
  t.notOk(stage.owner.holds(virtualAddress));
  t.notOk(stage.owner.calls.some((call) => call.startsWith('announce')));
  stage.port.isUp = true;
  await stage.pass(1000);
  t.ok(stage.owner.holds(virtualAddress), 'the next one does');
  t.equal(stage.owner.calls.filter((call) => call.startsWith('announce')).length, 5);
  stage.port.isUp = false;
  await stage.pass(4000);
  t.notOk(stage.owner.holds(virtualAddress), 'not renewed');
  t.equal(stage.state, 'BACKUP');
});

t.test('interface down and up', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(4000);
  stage.port.isUp = false;
  stage.speaker.interfaceChanged(false);
  await stage.pass(10_000);
  t.equal(stage.state, 'FAULT');
  t.notOk(stage.owner.holds(virtualAddress));
  stage.speaker.interfaceChanged(true);
  await stage.pass(0);
  t.equal(stage.state, 'FAULT', 'its socket cannot be opened yet');
  t.match(stage.lines.at(-1), /cannot open a socket on eth0: Network is down, trying again/);
  stage.port.isUp = true;
  await stage.pass(1000);
  t.equal(stage.state, 'BACKUP');
  stage.hear(150);
  t.equal(stage.speaker.fact().counters.advertsReceived, 1, 'one socket, not two');
});

t.test('an interface that is down at the start', async (t) => {
  const stage = new Stage();
  stage.speaker.interfaceChanged(false);
  stage.speaker.start({ resumes: true });
  t.equal(stage.state, 'FAULT');
  stage.speaker.interfaceChanged(true);
  t.equal(stage.state, 'BACKUP');
  await stage.speaker.stop();
  t.equal(stage.state, 'INIT');
});

t.test('a reload in place keeps the master and never says priority 0', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(4000);
  stage.sent();
  stage.speaker.reconfigure(instance());
  t.strictSame(stage.sent(), [], 'nothing changed');
  const virtualAddresses = [{ prefix: secondAddress, device: 'eth0' }];
  stage.speaker.reconfigure(instance({ priority: 120, virtualAddresses }));
  await stage.pass(10);
  t.strictSame(stage.sent(), [120]);
  t.equal(stage.state, 'MASTER');
  t.notOk(stage.owner.holds(virtualAddress));
  t.ok(stage.owner.holds(secondAddress));
  t.equal(stage.facts.at(-1)?.priority, 120);
  t.throws(() => stage.speaker.reconfigure(instance({ virtualRouterId: 7 })), /assertion/);
});

t.test('a reload announces what only comes along, too', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(30_000);
  const announced = (): string[] =>
    stage.owner.calls.splice(0).filter((call) => call.startsWith('announce'));
  announced();
  const localAddresses = [{ prefix: secondAddress, device: 'dpdk1' }];
  const objects = { ...noObjects, localAddresses };
  stage.speaker.reconfigure(instance({ objects }));
  await stage.pass(500);
  t.strictSame(announced(), new Array(garp.masterRounds).fill('announce 10.0.0.101/32'));
  stage.speaker.reconfigure(instance({ objects, priority: 101 }));
  await stage.pass(500);
  t.strictSame(announced(), [], 'once');
});

t.test('another priority is advertised at once, logged and reported', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(4000);
  stage.sent();
  stage.speaker.prioritise(120);
  stage.speaker.prioritise(120);
  t.strictSame(stage.sent(), [120]);
  t.equal(stage.facts.at(-1)?.priority, 120);
  t.equal(stage.lines.at(-1), '(V_1) Changing effective priority from 100 to 120');
  await stage.pass(1000);
  t.strictSame(stage.sent(), [120]);
});

t.test('a master with a fault gives up with priority 0, unless its link is down', async (t) => {
  for (const mayTell of [true, false]) {
    const stage = new Stage();
    stage.speaker.start({ resumes: false });
    await stage.pass(4000);
    stage.sent();
    stage.speaker.faultsChanged(['a reason'], mayTell);
    stage.speaker.faultsChanged(['a reason', 'another'], mayTell);
    t.equal(stage.state, 'FAULT');
    t.strictSame(stage.sent(), mayTell ? [0] : []);
    t.strictSame(stage.facts.at(-1)?.faults, ['a reason', 'another']);
    stage.speaker.faultsChanged([], mayTell);
    t.equal(stage.state, 'BACKUP');
    t.strictSame(stage.speaker.fact().faults, []);
    await stage.pass(4000);
    t.equal(stage.state, 'MASTER');
  }
});

t.test('an instance may begin with a fault', async (t) => {
  const stage = new Stage();
  stage.speaker.faultsChanged(['a reason'], false);
  stage.speaker.start({ resumes: true });
  t.equal(stage.state, 'FAULT');
  stage.speaker.faultsChanged([], true);
  await stage.pass(4000);
  t.equal(stage.state, 'MASTER');
});

t.test('timer_expired_backup: who stood still until another took over yields', async (t) => {
  const changes = { leases: false, preempts: false, yieldsTo: 200 };
  const sleep = async (durationMs: number): Promise<Stage> => {
    const stage = new Stage(changes);
    stage.speaker.start({ resumes: false });
    await stage.pass(3610);
    t.equal(stage.state, 'MASTER');
    stage.sent();
    stage.process.stop();
    await stage.pass(durationMs);
    stage.process.continue(false);
    await stage.pass(0);
    return stage;
  };
  const short = await sleep(3200);
  t.equal(short.state, 'MASTER', '3 s and 56/256 s have not passed');
  const long = await sleep(3230);
  t.equal(long.state, 'BACKUP');
  t.strictSame(long.sent(), [], 'not one advert');
  t.notOk(long.owner.holds(virtualAddress));
  t.match(long.lines.at(-2), /^\(V_1\) VRRP thread timer expired 2\.2\d{5} seconds ago$/);
});

t.test('how late adverts leave is counted, and told beyond a bound', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  await stage.pass(5610);
  t.match(stage.speaker.fact().lateness, { adverts: 2, worstMs: 0, late: 0 });
  t.strictSame(stage.late, []);
  stage.process.stop();
  await stage.pass(1500);
  stage.process.continue(false);
  t.equal(stage.late.length, 1);
  const { adverts, worstMs, meanMs, late } = stage.speaker.fact().lateness;
  t.strictSame([adverts, late], [3, 1]);
  t.ok(worstMs > 490 && worstMs < 510, `${worstMs} ms`);
  t.ok(Math.abs(meanMs * 3 - worstMs) < 0.01);
  t.equal(stage.late[0], worstMs);
  stage.hear(50);
  t.equal(stage.speaker.fact().lateness.adverts, 3, 'an answer is never late');
});

t.test('what another member of its group has heard, a MASTER tells its own segment', async (t) => {
  const stage = new Stage();
  stage.speaker.start({ resumes: false });
  stage.speaker.groupHeardLower();
  await stage.pass(13_900);
  stage.owner.calls.length = 0;
  stage.sent();
  stage.speaker.groupHeardLower();
  const burst = Array<string>(5).fill('announce 10.0.0.100/32');
  await stage.pass(0);
  t.strictSame(stage.owner.calls, burst);
  t.strictSame(stage.sent(), [], 'and nobody else, with no advert');
});
