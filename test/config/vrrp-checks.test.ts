import t from 'tap';
import { Report } from '../../src/config/diagnostic.js';
import { checkVrrp, versionOf } from '../../src/config/vrrp-checks.js';
import { complaints, configOf } from './text.js';

const instance = (
  lines: string,
  name = 'V',
  number = 1,
  address = '192.0.2.1',
) => `vrrp_instance ${name} {
interface eth0
virtual_router_id ${number}
virtual_ipaddress {
${address}
}
${lines}
}
`;

/** What is said of line 7 and on, where the lines are. */
const said = (lines: string) => complaints(instance(lines));

t.test('what has no effect is warned of', (t) => {
  t.same(said('preempt_delay 5'), []);
  t.match(said('preempt_delay 5\nstate MASTER'), [/^7:1: warning: .*no effect with state MASTER/]);
  t.match(said('nopreempt\npreempt_delay 5'), [/^8:1: warning: .*no effect with nopreempt/]);
  t.match(said('strict_mode\npreempt_delay 5'), [/^8:1: warning: .*in strict mode/]);
  t.match(said('state MASTER\nnopreempt'), [/^8:1: warning: .*nopreempt has no effect with state/]);
  t.match(said('priority 255\nnopreempt'), [/nopreempt has no effect with priority 255/]);
  t.match(said('timer_expired_backup'), [/timer_expired_backup has no effect without nopreempt/]);
  t.same(said('nopreempt\ntimer_expired_backup 100'), []);
  t.match(said('vrf red'), [/vrf has no effect beside interface/]);
  t.match(said('nopreempt\nthread_timer_expired 100'), [/write "timer_expired_backup"/]);
  const password = 'authentication {\nauth_type PASS\nauth_pass x\n}';
  t.match(said(`version 3\n${password}`), [/^8:1: warning: .*VRRPv3 has no authentication/]);
  t.match(said(`strict_mode\n${password}`), [/strict mode has no authentication/]);
  const ah = password.replace('PASS', 'AH');
  t.match(said(`state MASTER\npriority 200\n${ah}`), [/does not go with auth_type AH/]);
  t.same(said(`state MASTER\n${ah}`), []);
  t.end();
});

t.test('intervals that VRRPv3 cannot carry', (t) => {
  t.match(said('version 3\nadvert_int 50'), [/at most 40.95 seconds/]);
  t.match(said('version 3\nadvert_int 0.015'), [/in steps of 0.01 seconds/]);
  t.same(said('version 3\nadvert_int 0.05'), []);
  t.match(said('advert_int 0.5'), [/whole seconds in VRRPv2; 1 is used/]);
  t.end();
});

t.test('one family in adverts, and to peers', (t) => {
  t.match(said('virtual_ipaddress {\n2001:db8::1\n}'), [
    /^8:1: error: 2001:db8::1: vrrp_instance V is IPv4; addresses of the other family go into/,
  ]);
  t.same(said('virtual_ipaddress_excluded {\n2001:db8::1\n}'), []);
  t.match(said('unicast_peer {\n2001:db8::2\n}'), [/^8:1: error: 2001:db8::2/]);
  t.match(said('unicast_src_ip 2001:db8::2'), [/so must be unicast_src_ip/]);
  t.end();
});

t.test('a virtual router is there once on its interface, and so is an address', (t) => {
  const both = instance('') + instance('', 'W', 1, '192.0.2.2');
  t.match(complaints(both), [/^9:1: fatal: virtual_router_id 1 on eth0 is defined already/]);
  const other = instance('') + instance('', 'W', 1, '2001:db8::1');
  t.same(complaints(other), [], 'IPv6 has numbers of its own');
  const address = instance('') + instance('', 'W', 2);
  t.match(complaints(address), [
    /^13:1: warning: virtual address 192.0.2.1\/32 on eth0 is defined/,
  ]);
  t.end();
});

t.test('the version is that of the instance, the globals, or the family', (t) => {
  const version = (text: string) => {
    const { root } = configOf(text);
    const [found] = root.all('vrrp_instance');
    const globals = root.all('global_defs').map(({ value }) => value);
    const settings = found?.value.settings;
    return settings === undefined ? null : versionOf(settings, 'ipv4', globals);
  };
  t.equal(version(instance('')), 2);
  t.equal(version(instance('version 3')), 3);
  t.equal(version(`${instance('')}global_defs {\nvrrp_version 3\n}\n`), 3);
  t.equal(version(`${instance('version 2')}global_defs {\nvrrp_version 3\n}\n`), 2);
  t.end();
});

t.test('an empty file has nothing to say', (t) => {
  const report = new Report();
  checkVrrp(configOf('').root, report);
  t.same(report.diagnostics, []);
  t.end();
});
