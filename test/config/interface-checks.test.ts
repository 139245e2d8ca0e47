import t from 'tap';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { checkInterfaces } from '../../src/config/interface-checks.js';
import type { HostView } from '../../src/ports/host-view.js';
import { configOf } from './text.js';

const host: HostView = {
  hasInterface: (name) => ['lo', 'eth0'].includes(name),
  hasUser: () => true,
  hasGroup: () => true,
  safetyOf: () => ({ type: 'safe' }),
  isPrivate: () => true,
};

function complaintsOf(text: string): string[] {
  const { root, config } = configOf(text);
  const report = new Report();
  checkInterfaces(root, config, host, report);
  return report.diagnostics.map((one) => formatDiagnostic(one).replace('/etc/k.conf:', ''));
}

const missing = (place: string, name: string) =>
  `${place}: fatal: there is no interface ${name}; ` +
  'make it, or set dynamic_interfaces in global_defs';

const instance = (interfaceName: string, address = '192.0.2.1') => `vrrp_instance V {
interface ${interfaceName}
virtual_router_id 5
virtual_ipaddress {
${address}
}
}
`;

t.test('interfaces must exist, wherever they are named', (t) => {
  t.same(complaintsOf(instance('eth0', '192.0.2.1 dev eth0')), []);
  t.same(complaintsOf(instance('eth1')), [missing('2:1', 'eth1')]);
  t.same(complaintsOf(instance('eth0', '192.0.2.1 dev eth2')), [missing('5:1', 'eth2')]);
  t.same(complaintsOf('static_ipaddress {\n192.0.2.1/24 dev eth3\n}\n'), [missing('2:1', 'eth3')]);
  t.end();
});

t.test('also on lines that begin with one', (t) => {
  const tracked = (name: string) =>
    instance('eth0').replace('}\n}', `}\ntrack_interface {\n${name}\n}\n}`);
  t.same(complaintsOf(tracked('eth0 weight 5')), []);
  t.same(complaintsOf(tracked('eth7 weight 5')), [missing('8:1', 'eth7')]);
  t.same(complaintsOf('garp_group {\ninterfaces {\neth0 eth7\n}\n}\n'), [missing('3:1', 'eth7')]);
  t.same(complaintsOf('interface_up_down_delays {\neth7 1\n}\n'), [
    '2:1: error: there is no interface eth7',
  ]);
  t.end();
});

t.test('unless they come and go, or are in another namespace, or ours to make', (t) => {
  t.same(complaintsOf(`global_defs {\ndynamic_interfaces\n}\n${instance('eth1')}`), []);
  t.same(complaintsOf(`net_namespace other\n${instance('eth1')}`), []);
  const plane = 'dataplane {\nport dpdk0 {\ndevice net_null\n}\n}\n';
  t.same(complaintsOf(plane + instance('dpdk0.kni')), []);
  t.same(complaintsOf(`${plane}global_defs {\ndefault_interface eth9\n}\n`), [], 'a mere default');
  t.end();
});

t.test('VRRP has no use for the loopback interface', (t) => {
  t.same(complaintsOf(instance('lo')), [
    '1:15: fatal: vrrp_instance V cannot use the loopback interface',
  ]);
  t.end();
});
