import t from 'tap';
import { AnnouncementQueues } from '../../../src/ha/vrrp/announcement-queues.js';
import { VrrpSpeaker } from '../../../src/ha/vrrp/speaker.js';
import { ipAddress } from '../../../src/net/address.js';
import { SimulatedOwner } from '../../sim/address-owner.js';
import { SimulatedClock } from '../../sim/clock.js';
import { SimulatedProcess } from '../../sim/process.js';
import { seededRandom } from '../../sim/random.js';
import { SimulatedWire } from '../../sim/wire.js';
import { instance } from './instance.js';

const lower = '10.0.0.1';
const higher = '10.0.0.2';
const owner = { state: 'MASTER', priority: 255 } as const;

class Router {
  readonly process = new SimulatedProcess();
  readonly lines: string[] = [];
  readonly speaker: VrrpSpeaker;

  constructor(wire: SimulatedWire, clock: SimulatedClock, address: string, priority: number) {
    const sourceAddress = ipAddress(address);
    const random = seededRandom(1);
    const own = this.process.clock(clock);
    this.speaker = new VrrpSpeaker({
      instance: instance(priority === 255 ? owner : { priority }),
      sourceAddress,
      clock: own,
      epochMs: () => clock.nowMs(),
      packets: this.process.packets(wire.attach(sourceAddress)),
      owner: new SimulatedOwner(clock, random, 0),
      announcements: new AnnouncementQueues(own),
      log: { write: (_level, line) => this.lines.push(line) },
      report: () => undefined,
    });
  }

  get is(): string {
    const { state, priority } = this.speaker.fact();
    return `${state} ${priority}`;
  }
}

class Stage {
  readonly #clock = new SimulatedClock();
  readonly #wire = new SimulatedWire(this.#clock, seededRandom(1));
  readonly low = this.add(lower, 255);
  readonly high = this.add(higher, 255);

  /** All that it hears are its own thoughts; it is heard. */
  deafen(address: string): void {
    this.#wire.isApart = (_sender, receiver) => receiver === address;
  }

  add(address: string, priority: number): Router {
    return new Router(this.#wire, this.#clock, address, priority);
  }

  async pass(durationMs: number): Promise<void> {
    const untilMs = this.#clock.nowMs() + durationMs;
    do await new Promise(setImmediate);
    while (this.#clock.runNext(untilMs));
  }
}

t.test('of two owners the lower address yields, and both name the mistake', async (t) => {
  const stage = new Stage();
  const { low, high } = stage;
  low.speaker.start({ resumes: false });
  await stage.pass(500);
  high.speaker.start({ resumes: false });
  await stage.pass(100);
  t.strictSame([low.is, high.is], ['BACKUP 255', 'MASTER 255']);
  t.match(low.lines.join('\n'), /CONFIGURATION ERROR: local instance and 10\.0\.0\.2 are both/);
  await stage.pass(20_000);
  t.strictSame([low.is, high.is], ['BACKUP 255', 'MASTER 255'], 'and so they stay');
  t.notMatch(high.lines.join('\n'), /reducing/);
});

t.test('an owner that is not heard by the other one yields in its place', async (t) => {
  const stage = new Stage();
  const { low, high } = stage;
  stage.deafen(lower);
  low.speaker.start({ resumes: false });
  high.speaker.start({ resumes: false });
  await stage.pass(1900);
  t.equal(high.is, 'MASTER 255', 'two adverts are its chance to hear us');
  await stage.pass(1300);
  t.strictSame([low.is, high.is], ['MASTER 255', 'BACKUP 254']);
  t.strictSame(high.lines.slice(1), [
    '(V_1) CONFIGURATION ERROR: local instance and 10.0.0.1 are both configured as address ' +
      'owner, please resolve',
    '(V_1) Received advert from 10.0.0.1 with same priority 255 but lower IP address than ours, ' +
      'forcing new election',
    '(V_1) 10.0.0.1 is still advertising as address owner, please resolve - ' +
      'reducing our priority',
    '(V_1) Master received advert from 10.0.0.1 with higher priority 255, ours 254',
    '(V_1) Entering BACKUP STATE',
  ]);
  await low.speaker.stop();
  await stage.pass(1);
  t.equal(high.is, 'BACKUP 255', 'the other one is gone');
  await stage.pass(100);
  t.equal(high.is, 'MASTER 255');
});

t.test('an owner forgets another one that is silent in time', async (t) => {
  const stage = new Stage();
  const { low, high } = stage;
  stage.deafen(lower);
  low.speaker.start({ resumes: false });
  high.speaker.start({ resumes: false });
  await stage.pass(900);
  await low.speaker.stop();
  await stage.pass(20_000);
  t.equal(high.is, 'MASTER 255');
  t.match(high.lines.at(-1), /appears to have stopped advertising/);
});

t.test('what an owner took from itself does not outlive its ownership', async (t) => {
  const stage = new Stage();
  const { low, high } = stage;
  stage.deafen(lower);
  low.speaker.start({ resumes: false });
  high.speaker.start({ resumes: false });
  await stage.pass(5000);
  high.speaker.prioritise(255);
  t.equal(high.is, 'BACKUP 254', 'tracking has no say in it');
  low.process.kill();
  await stage.pass(4000);
  t.equal(high.is, 'MASTER 255', 'nobody is heard');
});
