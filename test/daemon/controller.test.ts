import { err, ok, type Result } from 'neverthrow';
import t from 'tap';
import type { Config } from '../../src/config/config.js';
import { Controller } from '../../src/daemon/controller.js';
import { KernelSetup } from '../../src/daemon/kernel-setup.js';
import type { Dataplane, DataplaneError } from '../../src/dataplane/dataplane.js';
import type { MonitorTarget } from '../../src/health/targets.js';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedDataplane } from '../sim/dataplane.js';
import { SimulatedKernel } from '../sim/kernel.js';
import { SimulatedKernelObjects } from '../sim/kernel-objects.js';
import { SimulatedSysctls } from '../sim/sysctls.js';
import { sampleConfig } from './sample-config.js';

class Stage {
  readonly clock = new SimulatedClock();
  readonly kernel = new SimulatedKernel();
  readonly lines: string[] = [];
  readonly tracked: (readonly string[])[] = [];
  readonly told: string[] = [];
  readonly configured: (readonly [number, string | null])[] = [];
  plane = new SimulatedDataplane(this.clock);
  refusal: DataplaneError | null = null;
  targets: readonly MonitorTarget[] = [];
  closePlane: () => void = () => {};
  opened = 0;

  readonly controller = new Controller({
    clock: this.clock,
    log: { write: (_level, line) => this.lines.push(line) },
    setup: new KernelSetup({
      clock: this.clock,
      log: { write: (_level, line) => this.lines.push(line) },
      kernel: this.kernel,
      objects: new SimulatedKernelObjects(),
      sysctls: new SimulatedSysctls(),
      firewall: { run: () => Promise.resolve(ok(undefined)) },
      tellGroups: () => {},
    }),
    place: { runtimeDirectory: '/run/keelson', instance: null },
    runsVrrp: true,
    runsCheckers: true,
    openDataplane: async (options, closed): Promise<Result<Dataplane, DataplaneError>> => {
      this.opened += 1;
      if (this.refusal !== null) return err(this.refusal);
      this.closePlane = closed;
      const opened = await this.plane.open(options);
      return opened.map(() => this.plane);
    },
    services: {
      clock: this.clock,
      log: { write: (_level, line) => this.lines.push(line) },
      tellServices: (news) => this.told.push(...news.map(({ type }) => type)),
      watchTargets: (targets) => {
        this.targets = targets;
      },
    },
    reportHealth: () => Promise.resolve(null),
    reportAnnouncements: () => Promise.resolve([]),
    track: ({ tracking }) => this.tracked.push(tracking.scripts.map(({ name }) => name)),
    configureProtocols: (instances, _bfd, socket) =>
      this.configured.push([instances.length, socket]),
  });

  constructor() {
    this.kernel.addLink('dpdk0.kni');
  }

  async servers(): Promise<string[]> {
    await this.settle();
    const running = (await this.plane.running())._unsafeUnwrap();
    return running.servers.map(({ endpoint, weight }) => `${endpoint.address} ${weight}`);
  }

  /** Lets every promise that is due run. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  }
}

const isUp = { isUp: true, weightChange: 0 };
const isDown = { isUp: false, weightChange: 0 };
const withoutServers: Config = { ...sampleConfig, virtualServers: [] };

t.test('a start puts everything in place, VRRP last', async (t) => {
  const stage = new Stage();
  t.ok((await stage.controller.adopt(sampleConfig)).isOk());
  t.same(await stage.servers(), ['198.51.100.1 1', '198.51.100.2 1']);
  t.same(stage.kernel.list(), ['dpdk0.kni 192.0.2.11/24']);
  t.equal(stage.targets.length, 2);
  t.same(stage.configured, [[1, '/run/keelson/dataplane.sock']]);
  t.same(stage.tracked, [[]]);
});

t.test('a failed checker removes or inhibits its server, and brings it back', async (t) => {
  const stage = new Stage();
  await stage.controller.adopt(sampleConfig);
  const [first, second] = stage.targets.map(({ id }) => id);
  stage.controller.services.recordVerdict(first ?? '', isDown);
  t.same(await stage.servers(), ['198.51.100.2 1']);
  t.match(
    stage.lines.join('\n'),
    'Removing service [198.51.100.1]:tcp:8080 from VS [192.0.2.100]:tcp:80',
  );
  stage.controller.services.recordVerdict(second ?? '', isDown);
  t.same(await stage.servers(), ['198.51.100.2 0'], 'inhibit_on_failure keeps it with weight 0');
  stage.controller.services.recordVerdict(first ?? '', isUp);
  stage.controller.services.recordVerdict(second ?? '', isUp);
  t.same((await stage.servers()).sort(), ['198.51.100.1 1', '198.51.100.2 1']);
  t.match(stage.lines.at(-1), /^Enabling service \[198\.51\.100\.2\]:tcp:8080 of VS/);
  t.same(stage.told, [
    ...['quorum_changed', 'server_changed', 'server_changed', 'quorum_changed'],
    ...['server_changed', 'quorum_changed', 'server_changed'],
  ]);
});

t.test('a repeated verdict and one for an unknown target are no news', async (t) => {
  const stage = new Stage();
  await stage.controller.adopt(sampleConfig);
  const before = stage.lines.length;
  stage.controller.services.recordVerdict('unheard of', isDown);
  stage.controller.services.recordVerdict(stage.targets[0]?.id ?? '', isUp);
  t.same(stage.lines.slice(before), []);
  t.same((await stage.controller.status()).failedCheckers, []);
});

t.test('a reload applies the difference; a refused one changes nothing', async (t) => {
  const stage = new Stage();
  await stage.controller.adopt(sampleConfig);
  t.ok((await stage.controller.adopt(withoutServers)).isOk());
  t.same(await stage.servers(), []);
  t.same(stage.targets, []);
  const { dataplane } = sampleConfig;
  const wider = { ...sampleConfig, dataplane: dataplane && { ...dataplane, workers: 2 } };
  const refused = await stage.controller.adopt(wider);
  t.equal(refused._unsafeUnwrapErr().type, 'dataplane.restart_needed');
  t.same(await stage.servers(), [], 'nothing of the refused file runs');
  t.equal(stage.configured.length, 2);
});

t.test('a data plane that goes away is started again, ever more slowly', async (t) => {
  const stage = new Stage();
  await stage.controller.adopt(sampleConfig);
  stage.plane = new SimulatedDataplane(stage.clock);
  stage.refusal = { type: 'dataplane.unreachable', reason: 'it died' };
  stage.closePlane();
  for (let second = 0; second < 100; second++) {
    stage.clock.advance(1000);
    await stage.settle();
  }
  t.ok(stage.opened > 4 && stage.opened < 12, `${stage.opened} attempts in 100 s`);
  stage.refusal = null;
  stage.clock.advance(60_000);
  t.same(await stage.servers(), ['198.51.100.1 1', '198.51.100.2 1']);
});

t.test('a stop takes back services and static addresses, not the data plane', async (t) => {
  const stage = new Stage();
  await stage.controller.adopt(sampleConfig);
  await stage.controller.stop(false);
  const running = (await stage.plane.running())._unsafeUnwrap();
  t.same([running.services, running.servers, running.localAddresses], [[], [], []]);
  t.equal(running.routes.length, 1, 'ports and routes stay');
  t.same(stage.kernel.list(), []);
});

t.test('-I keeps the services', async (t) => {
  const stage = new Stage();
  await stage.controller.adopt(sampleConfig);
  await stage.controller.stop(true);
  t.equal((await stage.servers()).length, 2);
});

t.test('status says what runs', async (t) => {
  const stage = new Stage();
  t.equal((await stage.controller.status()).dataplane, null);
  await stage.controller.adopt(sampleConfig);
  stage.controller.services.recordVerdict(stage.targets[0]?.id ?? '', isDown);
  const status = await stage.controller.status();
  t.equal(status.routerId, 'lb1');
  t.same(status.failedCheckers, [stage.targets[0]?.id]);
  t.match(status.services, [
    {
      service: '[192.0.2.100]:tcp:80',
      hasQuorum: true,
      servers: [{ isUp: false, checks: [{ type: 'TCP_CHECK', state: 'down' }] }, { isUp: true }],
    },
  ]);
  t.equal(status.dataplane?.isUp, true);
  t.ok(ok(status).isOk());
});
