import { ok } from 'neverthrow';
import t from 'tap';
import { KernelSetup } from '../../src/daemon/kernel-setup.js';
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

t.test('IGMP of link-local groups is off as long as an instance wants it so', async (t) => {
  const clock = new SimulatedClock();
  const kernel = new SimulatedKernel();
  kernel.addLink('eth0');
  const sysctls = new SimulatedSysctls();
  sysctls.values.set(reports, '1');
  const lines: string[] = [];
  const setup = new KernelSetup({
    clock,
    log: { write: (_level, line) => lines.push(line) },
    kernel,
    objects: new SimulatedKernelObjects(),
    sysctls,
    firewall: { run: () => Promise.resolve(ok(undefined)) },
  });
  const reports4 = async (text: string): Promise<string | undefined> => {
    const { config } = configOf(text);
    await setup.prepare(config, config.vrrpInstances);
    setup.retire();
    while (clock.runNext(clock.nowMs() + 2000)) await new Promise(setImmediate);
    return sysctls.values.get(reports);
  };
  t.equal(await reports4(instance), '1');
  t.equal(await reports4(silent + instance), '0');
  t.equal(await reports4(silent), '1', 'no instance');
  t.equal(await reports4(silent + instance), '0');
  await setup.stop();
  t.equal(sysctls.values.get(reports), '1');
  t.strictSame(lines, []);
});
