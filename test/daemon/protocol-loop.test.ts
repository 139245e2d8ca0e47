import { err, ok } from 'neverthrow';
import t from 'tap';
import type { VrrpInstance } from '../../src/config/vrrp.js';
import { heartbeatBoundMs, heartbeatIntervalMs } from '../../src/daemon/messages.js';
import { ProtocolLoop } from '../../src/daemon/protocol-loop.js';
import { DataplaneAddressOwner } from '../../src/dataplane/address-owner.js';
import { ipAddress } from '../../src/net/address.js';
import { formatPrefix, parsePrefix } from '../../src/net/prefix.js';
import type { Timer } from '../../src/ports/clock.js';
import { objectsFor } from '../config/no-objects.js';
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
  closePlane: () => void = () => {};
  #beat: Timer | null = null;

  readonly loop = new ProtocolLoop({
    clock: this.clock,
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
    this.loop.configure(instances, socketPath);
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
  stage.loop.configure([sampleInstance], socketPath);
  await stage.pass(2000);
  t.equal(stage.state(), '');
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
  stage.loop.configure([{ ...sampleInstance, priority: 120 }, second], socketPath);
  await stage.pass(100);
  t.equal(stage.state(), 'V_1 MASTER V_2 BACKUP', 'a new priority restarts nothing');
  stage.loop.configure([{ ...sampleInstance, virtualRouterId: 53 }, second], socketPath);
  await stage.pass(100);
  t.equal(stage.state(), 'V_2 BACKUP V_1 BACKUP', 'another VRID does');
  stage.loop.configure([second], socketPath);
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
