import { ok } from 'neverthrow';
import t from 'tap';
import { KernelSetup } from '../../src/daemon/kernel-setup.js';
import { parsePrefix } from '../../src/net/prefix.js';
import { configOf } from '../config/text.js';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedKernel } from '../sim/kernel.js';
import { SimulatedKernelObjects } from '../sim/kernel-objects.js';
import { SimulatedSysctls } from '../sim/sysctls.js';

const reports = 'net/ipv4/igmp_link_local_mcast_reports';
const silent = 'global_defs {\ndisable_local_igmp\n}\n';
const instance = `vrrp_instance V {
interface eth0
virtual_router_id 5
virtual_ipaddress {
192.0.2.1
}
}
`;

class Stage {
  readonly clock = new SimulatedClock();
  readonly kernel = new SimulatedKernel();
  readonly objects = new SimulatedKernelObjects();
  readonly sysctls = new SimulatedSysctls();
  readonly lines: string[] = [];
  readonly told: string[] = [];
  readonly setup = new KernelSetup({
    clock: this.clock,
    log: { write: (_level, line) => this.lines.push(line) },
    kernel: this.kernel,
    objects: this.objects,
    sysctls: this.sysctls,
    firewall: { run: () => Promise.resolve(ok(undefined)) },
    tellGroups: (facts) =>
      this.told.push(...facts.map(({ kind, name, value }) => `${kind} ${name} ${value}`)),
  });

  constructor() {
    this.kernel.addLink('eth0');
  }

  async prepare(text: string): Promise<void> {
    const { config } = configOf(text);
    await this.setup.prepare(config, config.vrrpInstances);
    this.setup.retire();
    await this.pass(2000);
  }

  async pass(durationMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + durationMs;
    do await new Promise(setImmediate);
    while (this.clock.runNext(untilMs));
  }
}

t.test('IGMP of link-local groups is off as long as an instance wants it so', async (t) => {
  const stage = new Stage();
  const { setup, sysctls } = stage;
  sysctls.values.set(reports, '1');
  const reportsWith = async (text: string): Promise<string | undefined> => {
    await stage.prepare(text);
    return sysctls.values.get(reports);
  };
  t.equal(await reportsWith(instance), '1');
  t.equal(await reportsWith(silent + instance), '0');
  t.equal(await reportsWith(silent), '1', 'no instance');
  t.equal(await reportsWith(silent + instance), '0');
  await setup.stop();
  t.equal(sysctls.values.get(reports), '1');
  t.strictSame(stage.lines, []);
});

const statics = `track_group ways {
group {
V
}
}
static_ipaddress {
198.51.100.1/24 dev eth0 track_group ways
}
static_routes {
203.0.113.0/24 via 198.51.100.9 dev eth0 track_group ways
10.0.0.0/8 via 198.51.100.9 dev eth0
}
${instance}`;

t.test('instances of a track_group are told whether its static entries are there', async (t) => {
  const stage = new Stage();
  const { objects, kernel } = stage;
  const change = { type: 'link_changed', linkIndex: 1 } as const;
  const told = async (): Promise<readonly string[]> => {
    await stage.pass(150);
    return stage.told.splice(0);
  };
  await stage.prepare(statics);
  t.strictSame(await told(), ['static ways 1']);
  objects.refused.push('put route 203');
  objects.tell(change);
  t.strictSame(await told(), ['static ways 0'], 'deleted, and it does not come back');
  const [complaint, ...more] = stage.lines;
  t.match(complaint, /put route 203.0.113.0\/24/);
  objects.tell(change);
  objects.tell({ type: 'address_deleted', linkIndex: 1 });
  t.strictSame(await told(), []);
  t.strictSame(more, [], 'said once');
  objects.refused.splice(0, 1, 'put route 10');
  objects.tell(change);
  t.strictSame(await told(), ['static ways 1'], 'back with the interface; the other is nobody’s');
  await kernel.removeAddress('eth0', parsePrefix('198.51.100.1/24')._unsafeUnwrap());
  objects.tell({ type: 'address_deleted', linkIndex: 1 });
  t.strictSame(await told(), []);
  t.same(kernel.list(), ['eth0 198.51.100.1/24'], 'an address comes back as well');
  await stage.prepare(instance);
  t.strictSame(await told(), []);
  await stage.prepare(statics);
  t.strictSame(await told(), ['static ways 1'], 'told anew with every file');
});

t.test('who needs which static entries', (t) => {
  const { config } = configOf(statics);
  t.strictSame(config.vrrpInstances[0]?.tracking, [
    { kind: 'static', name: 'ways', weight: 0, isReversed: false },
  ]);
  const [group] = config.staticObjects.groups;
  t.strictSame(group?.addresses, config.staticObjects.addresses);
  t.strictSame(group?.routes, config.staticObjects.routes.slice(0, 1));
  const unused = configOf(statics.replaceAll(' track_group ways', '')).config;
  t.strictSame([unused.vrrpInstances[0]?.tracking, unused.staticObjects.groups], [[], []]);
  t.end();
});
