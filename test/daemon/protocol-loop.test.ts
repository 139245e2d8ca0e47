import { err, ok } from 'neverthrow';
import t from 'tap';
import type { TrackedKind, TrackedThing } from '../../src/config/tracking.js';
import type { VrrpInstance } from '../../src/config/vrrp.js';
import { heartbeatBoundMs, heartbeatIntervalMs } from '../../src/daemon/messages.js';
import { ProtocolLoop } from '../../src/daemon/protocol-loop.js';
import { DataplaneAddressOwner } from '../../src/dataplane/address-owner.js';
import { ipAddress } from '../../src/net/address.js';
import { formatPrefix, parsePrefix } from '../../src/net/prefix.js';
import type { Timer } from '../../src/ports/clock.js';
import { objectsFor } from '../config/no-objects.js';
import { garpRates } from '../ha/vrrp/instance.js';
import { SimulatedOwner } from '../sim/address-owner.js';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedDataplane } from '../sim/dataplane.js';
import { SimulatedKernel } from '../sim/kernel.js';
import { SimulatedKernelObjects } from '../sim/kernel-objects.js';
import { seededRandom } from '../sim/random.js';
import { SimulatedWire } from '../sim/wire.js';
import { sampleConfig, sampleInstance } from './sample-config.js';

const prefix = (text: string) => parsePrefix(text)._unsafeUnwrap();
const socketPath = '/run/keelson/dataplane.sock';

class Stage {
  readonly clock = new SimulatedClock();
  readonly kernel = new SimulatedKernel();
  readonly lines: string[] = [];
  readonly kernelOwner = new SimulatedOwner(this.clock, seededRandom(1), 0);
  plane = new SimulatedDataplane(this.clock);
  planeAnswers = true;
  readonly lives: string[] = [];
  closePlane: () => void = () => {};
  #beat: Timer | null = null;

  readonly loop = new ProtocolLoop({
    clock: this.clock,
    epochMs: () => this.clock.nowMs(),
    kernel: this.kernel,
    kernelObjects: new SimulatedKernelObjects(),
    packets: new SimulatedWire(this.clock, seededRandom(1)).attach(ipAddress('192.0.2.11')),
    log: { write: (_level, line) => this.lines.push(line) },
    connectDataplane: (_path, closed) => {
      this.closePlane = closed;
      if (this.planeAnswers) return Promise.resolve(ok(this.plane));
      return Promise.resolve(err({ type: 'dataplane.unreachable', reason: 'no such socket' }));
    },
    kernelOwner: () => this.kernelOwner,
    dataplaneOwner: (plane, holder, device) => new DataplaneAddressOwner(plane, holder, device),
    report: () => {},
    heardLower: () => {},
    leftLate: () => {},
    lives: (what, isAlive) => this.lives.push(`${what} ${isAlive ? 'lives' : 'is gone'}`),
  });

  /** An open data plane, a companion interface with its address, a control thread that is alive. */
  async start(instances: readonly VrrpInstance[] = [sampleInstance]): Promise<void> {
    await this.openPlane();
    this.loop.start();
    this.beat();
    this.kernel.addLink('dpdk0.kni');
    await this.kernel.putAddress({
      interface: 'dpdk0.kni',
      prefix: prefix('192.0.2.11/24'),
      validSeconds: null,
    });
    this.loop.configure(instances, socketPath, garpRates);
    await this.settle();
  }

  async openPlane(): Promise<void> {
    const { ports } = sampleConfig.dataplane ?? { ports: [] };
    const options = { filePrefix: 'test', ...sampleConfig.dataplane, ports };
    (await this.plane.open(options as never))._unsafeUnwrap();
  }

  beat(): void {
    this.loop.heartbeat();
    this.#beat = this.clock.setTimer(heartbeatIntervalMs, () => this.beat());
  }

  stopBeating(): void {
    this.#beat?.cancel();
  }

  async pass(durationMs: number): Promise<void> {
    for (let step = 0; step < durationMs; step += 50) {
      this.clock.advance(50);
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn++) await Promise.resolve();
  }

  state(): string {
    return this.loop
      .facts()
      .map(({ instance, state }) => `${instance} ${state}`)
      .join(' ');
  }

  async held(): Promise<string[]> {
    const addresses = (await this.plane.addresses())._unsafeUnwrap();
    return addresses.map(({ prefix }) => formatPrefix(prefix));
  }
}

t.test('an instance becomes MASTER and holds its address in the data plane', async (t) => {
  const stage = new Stage();
  await stage.start();
  t.equal(stage.state(), 'V_1 BACKUP');
  await stage.pass(4000);
  t.equal(stage.state(), 'V_1 MASTER');
  t.same(await stage.held(), ['192.0.2.100/24']);
  await stage.loop.stop();
  t.same(await stage.held(), [], 'a stop gives it back');
});

t.test('without interface, address or data plane it waits, and says why once', async (t) => {
  const stage = new Stage();
  stage.planeAnswers = false;
  await stage.openPlane();
  stage.loop.start();
  stage.beat();
  stage.loop.configure([sampleInstance], socketPath, garpRates);
  await stage.pass(2000);
  t.equal(stage.state(), 'V_1 INIT');
  t.same(stage.loop.facts()[0]?.faults, ['interface dpdk0.kni does not exist']);
  t.same(
    stage.lines.filter((line) => line.includes('waits')),
    ['(V_1) waits: interface dpdk0.kni does not exist'],
  );
  stage.kernel.addLink('dpdk0.kni');
  await stage.pass(500);
  const own = prefix('192.0.2.11/24');
  await stage.kernel.putAddress({ interface: 'dpdk0.kni', prefix: own, validSeconds: null });
  await stage.pass(500);
  stage.planeAnswers = true;
  await stage.pass(500);
  t.equal(stage.state(), 'V_1 BACKUP');
  t.same(
    stage.lines.filter((line) => line.includes('waits')),
    [
      '(V_1) waits: interface dpdk0.kni does not exist',
      '(V_1) waits: interface dpdk0.kni has no IPv4 address',
      '(V_1) waits: the data plane does not answer',
    ],
  );
});

t.test('a MASTER whose data plane dies is in FAULT until there is a new one', async (t) => {
  const stage = new Stage();
  await stage.start();
  await stage.pass(4000);
  stage.planeAnswers = false;
  stage.closePlane();
  await stage.pass(100);
  t.equal(stage.state(), 'V_1 FAULT');
  stage.plane = new SimulatedDataplane(stage.clock);
  await stage.openPlane();
  stage.planeAnswers = true;
  await stage.pass(500);
  t.equal(stage.state(), 'V_1 BACKUP');
  await stage.pass(4000);
  t.same(await stage.held(), ['192.0.2.100/24'], 'in the new data plane');
});

t.test('a data plane that came back forwards only when it is opened', async (t) => {
  const stage = new Stage();
  await stage.start();
  t.same(stage.lives, ['dataplane lives']);
  stage.planeAnswers = false;
  stage.closePlane();
  stage.plane = new SimulatedDataplane(stage.clock);
  stage.planeAnswers = true;
  await stage.pass(1000);
  t.same(stage.lives, ['dataplane lives', 'dataplane is gone'], 'it answers, but is not open');
  await stage.openPlane();
  stage.loop.configure([sampleInstance], socketPath, garpRates);
  await stage.settle();
  t.equal(stage.lives.at(-1), 'dataplane lives');
  t.equal(stage.lives.length, 3);
});

t.test('what came with an address goes with it, also over a broken connection', async (t) => {
  const stage = new Stage();
  const portRoutes = [{ destination: prefix('203.0.113.0/24'), gateway: null, device: 'dpdk0' }];
  const localAddresses = [{ prefix: prefix('198.51.100.9/32'), device: 'dpdk1' }];
  const { objects } = sampleInstance;
  await stage.start([{ ...sampleInstance, objects: { ...objects, portRoutes, localAddresses } }]);
  await stage.pass(4000);
  t.same(await stage.held(), ['192.0.2.100/24', '198.51.100.9/32']);
  const routes = async () => (await stage.plane.routes())._unsafeUnwrap();
  t.match(await routes(), [{ device: 'dpdk0', owner: 'vrrp' }]);
  // Nobody can be told to take it back.
  stage.planeAnswers = false;
  stage.closePlane();
  await stage.pass(4000);
  t.equal(stage.state(), 'V_1 FAULT');
  t.same(await stage.held(), [], 'leases end by themselves');
  t.equal((await routes()).length, 1, 'routes do not');
  stage.planeAnswers = true;
  await stage.pass(500);
  t.equal(stage.state(), 'V_1 BACKUP');
  t.same(await routes(), []);
});

t.test('a control thread that hangs costs the addresses, after the bound', async (t) => {
  const stage = new Stage();
  await stage.start();
  await stage.pass(4000);
  stage.stopBeating();
  await stage.pass(heartbeatBoundMs - 1000);
  t.equal(stage.state(), 'V_1 MASTER', 'not at the first pause');
  await stage.pass(1500);
  t.equal(stage.state(), 'V_1 FAULT');
  t.same(await stage.held(), []);
  stage.beat();
  await stage.pass(4000);
  t.equal(stage.state(), 'V_1 MASTER');
});

t.test('the interface goes down and comes back', async (t) => {
  const stage = new Stage();
  await stage.start();
  await stage.pass(4000);
  stage.kernel.addLink('dpdk0.kni', false);
  await stage.pass(100);
  t.equal(stage.state(), 'V_1 FAULT');
  stage.kernel.addLink('dpdk0.kni', true);
  await stage.pass(100);
  t.equal(stage.state(), 'V_1 BACKUP');
});

t.test('a lease that still lives is taken up again without a gap', async (t) => {
  const stage = new Stage();
  await stage.openPlane();
  const addresses = sampleInstance.virtualAddresses.map((address) => address.prefix);
  await stage.plane.lease('V_1', 'dpdk0', addresses, 2000);
  await stage.start();
  t.equal(stage.state(), 'V_1 MASTER');
  await stage.pass(5000);
  t.same(await stage.held(), ['192.0.2.100/24']);
});

t.test('a reload adds, alters, restarts and removes instances', async (t) => {
  const stage = new Stage();
  await stage.start();
  await stage.pass(4000);
  const second = { ...sampleInstance, name: 'V_2', virtualRouterId: 52, virtualAddresses: [] };
  stage.loop.configure([{ ...sampleInstance, priority: 120 }, second], socketPath, garpRates);
  await stage.pass(100);
  t.equal(stage.state(), 'V_1 MASTER V_2 BACKUP', 'a new priority restarts nothing');
  stage.loop.configure([{ ...sampleInstance, virtualRouterId: 53 }, second], socketPath, garpRates);
  await stage.pass(100);
  t.equal(stage.state(), 'V_1 BACKUP V_2 BACKUP', 'another VRID does');
  stage.loop.configure([second], socketPath, garpRates);
  await stage.pass(100);
  t.equal(stage.state(), 'V_2 BACKUP');
  t.same(await stage.held(), []);
});

t.test('plain VRRP puts its address on the kernel interface', async (t) => {
  const stage = new Stage();
  const virtualAddresses = [{ prefix: prefix('192.0.2.100/32'), device: 'dpdk0.kni' }];
  const objects = objectsFor(virtualAddresses);
  await stage.start([{ ...sampleInstance, dpdkInterface: null, virtualAddresses, objects }]);
  await stage.pass(4000);
  t.equal(stage.state(), 'V_1 MASTER');
  t.ok(stage.kernel.list().includes('dpdk0.kni 192.0.2.100/32'));
  t.same(await stage.held(), []);
});

const tracks = (kind: TrackedKind, name: string, weight: number) => ({
  kind,
  name,
  weight,
  isReversed: false,
});
const tracking = (...things: readonly TrackedThing[]) => ({ ...sampleInstance, tracking: things });

t.test('an instance waits until it knows what it tracks without a weight', async (t) => {
  const stage = new Stage();
  await stage.start([tracking(tracks('script', 'check', 0), tracks('file', 'load', 1))]);
  await stage.pass(1000);
  t.equal(stage.state(), 'V_1 INIT');
  t.same(stage.loop.facts()[0]?.faults, ['tracked script check is not known yet']);
  stage.loop.learn([{ kind: 'script', name: 'check', value: 1 }]);
  await stage.pass(100);
  t.equal(stage.state(), 'V_1 BACKUP');
});

t.test('a tracked failure is a FAULT with its reason, which the backups are told', async (t) => {
  const stage = new Stage();
  const learn = async (value: number) => {
    stage.loop.learn([{ kind: 'script', name: 'check', value }]);
    await stage.pass(100);
  };
  stage.loop.learn([{ kind: 'script', name: 'check', value: 0 }]);
  await stage.start([tracking(tracks('script', 'check', 0))]);
  t.equal(stage.state(), 'V_1 FAULT', 'from the start');
  await learn(1);
  await stage.pass(4000);
  t.equal(stage.state(), 'V_1 MASTER');
  await learn(0);
  const [fact] = stage.loop.facts();
  t.equal(fact?.state, 'FAULT');
  t.same(fact?.faults, ['tracked script check is down']);
  t.equal(fact?.counters.priorityZeroSent, 1);
  t.same(await stage.held(), []);
  t.equal(
    stage.lines.filter((line) => line.includes('cannot be MASTER: tracked script')).length,
    2,
  );
  await learn(0);
  await learn(1);
  t.equal(stage.state(), 'V_1 BACKUP');
  t.same(stage.loop.facts()[0]?.faults, []);
});

t.test('weights change the priority in place, and a reload keeps what is known', async (t) => {
  const stage = new Stage();
  const things = [tracks('script', 'check', -20), tracks('interface', 'eth9', 5)];
  await stage.start([tracking(...things)]);
  await stage.pass(4000);
  const priority = () => stage.loop.facts()[0]?.priority;
  t.equal(priority(), 100);
  stage.loop.learn([{ kind: 'script', name: 'check', value: 0 }]);
  await stage.pass(100);
  t.equal(priority(), 80);
  stage.kernel.addLink('eth9');
  await stage.pass(100);
  t.equal(priority(), 85);
  stage.kernel.addLink('eth9', false);
  await stage.pass(100);
  t.equal(priority(), 80);
  t.same(
    stage.lines.filter((line) => line.includes('effective priority')),
    ['from 100 to 80', 'from 80 to 85', 'from 85 to 80'].map(
      (change) => `(V_1) Changing effective priority ${change}`,
    ),
  );
  stage.loop.configure([{ ...tracking(...things), priority: 90 }], socketPath, garpRates);
  await stage.pass(100);
  t.equal(priority(), 70);
  t.equal(stage.state(), 'V_1 MASTER', 'all the while');
  stage.loop.configure([sampleInstance], socketPath, garpRates);
  await stage.pass(100);
  t.equal(priority(), 100);
  stage.loop.configure([tracking(...things)], socketPath, garpRates);
  await stage.pass(100);
  t.equal(priority(), 100, 'what was not tracked meanwhile is not known');
});

t.test('an interface is down only after its delay', async (t) => {
  const stage = new Stage();
  stage.loop.delayLinks([{ interface: 'dpdk0.kni', downMs: 1000, upMs: 500 }]);
  await stage.start();
  await stage.pass(4000);
  stage.kernel.addLink('dpdk0.kni', false);
  await stage.pass(900);
  t.equal(stage.state(), 'V_1 MASTER');
  await stage.pass(200);
  t.equal(stage.state(), 'V_1 FAULT');
  stage.kernel.addLink('dpdk0.kni', true);
  await stage.pass(400);
  t.equal(stage.state(), 'V_1 FAULT');
  await stage.pass(200);
  t.equal(stage.state(), 'V_1 BACKUP');
});

t.test('a start-up delay holds for the first configuration alone', async (t) => {
  const stage = new Stage();
  await stage.openPlane();
  stage.loop.start();
  stage.beat();
  stage.kernel.addLink('dpdk0.kni');
  await stage.kernel.putAddress({
    interface: 'dpdk0.kni',
    prefix: prefix('192.0.2.11/24'),
    validSeconds: null,
  });
  stage.loop.configure([sampleInstance], socketPath, garpRates, 3000);
  await stage.pass(2900);
  t.equal(stage.state(), '', 'nothing takes part');
  await stage.pass(200);
  t.equal(stage.state(), 'V_1 BACKUP');
  const second = { ...sampleInstance, name: 'V_2', virtualRouterId: 52, virtualAddresses: [] };
  stage.loop.configure([sampleInstance, second], socketPath, garpRates, 3000);
  await stage.pass(100);
  t.equal(stage.state(), 'V_1 BACKUP V_2 BACKUP', 'a reload is not delayed');
  t.same(
    stage.lines.filter((line) => line.includes('Delaying')),
    ['Delaying startup for 3 seconds'],
  );
});

t.test('-V leaves the addresses to their leases', async (t) => {
  const stage = new Stage();
  await stage.start();
  await stage.pass(4000);
  await stage.loop.stop({ keepsAddresses: true });
  t.same(await stage.held(), ['192.0.2.100/24']);
  await stage.pass(4000);
  t.same(await stage.held(), [], 'which end without us');
});

t.test('counters start again when they are cleared', async (t) => {
  const stage = new Stage();
  await stage.start();
  await stage.pass(6000);
  const counters = () => stage.loop.facts()[0]?.counters;
  t.match(counters(), { becameMaster: 1 });
  stage.loop.clearCounters();
  t.match(counters(), { becameMaster: 0, advertsSent: 0 });
  await stage.pass(2000);
  t.match(counters(), { becameMaster: 0, advertsSent: 2 });
});
