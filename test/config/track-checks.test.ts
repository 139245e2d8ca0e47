import t from 'tap';
import { Report } from '../../src/config/diagnostic.js';
import { checkTracking } from '../../src/config/track-checks.js';
import { complaints, configOf, notices } from './text.js';

const instance = (lines: string, name = 'V', number = 1) => `vrrp_instance ${name} {
interface eth0
virtual_router_id ${number}
virtual_ipaddress {
192.0.2.${number}
}
${lines}
}
`;
const script = 'vrrp_script check {\nscript /bin/true\n}\n';

t.test('what is tracked must be there, and before it is used', (t) => {
  const user = instance('track_script {\ncheck\n}');
  t.same(complaints(script + user), []);
  t.match(complaints(user), [/^8:1: error: there is no vrrp_script check$/]);
  t.match(complaints(script.replace('check', 'chekc') + user), [/did you mean "chekc"/]);
  t.match(complaints(user + script), [/^8:1: warning: vrrp_script check is defined only at .*:11/]);
  t.match(complaints(instance('track_bfd {\nb\n}')), [/there is no bfd_instance b/]);
  t.match(complaints(instance('track_file {\nf\n}')), [/there is no track_file f/]);
  t.match(complaints(instance('track_process {\np\n}')), [/there is no vrrp_track_process p/]);
  t.match(complaints(script + instance('track_script {\ncheck\ncheck\n}')), [
    /^12:1: error: track_script check of V is defined already at .*:11/,
  ]);
  t.end();
});

t.test('what is tracked must say what it is', (t) => {
  t.match(complaints('vrrp_script s {\n}\n'), [/^1:13: error: vrrp_script s has no script$/]);
  t.match(complaints('track_file f {\n}\n'), [/has no file$/]);
  t.match(complaints('vrrp_track_process p {\n}\n'), [/has no process$/]);
  t.match(complaints('bfd_instance b {\n}\n'), [/has no neighbor_ip$/]);
  t.match(complaints(script + script), [/^4:1: error: vrrp_script check is defined already/]);
  t.end();
});

t.test('BFD neighbours are there once, and reached from their own family', (t) => {
  const bfd = (name: string, lines: string) => `bfd_instance ${name} {\n${lines}\n}\n`;
  t.match(complaints(bfd('a', 'neighbor_ip 192.0.2.9') + bfd('b', 'neighbor_ip 192.0.2.9')), [
    /^5:1: error: BFD neighbour 192.0.2.9 is defined already at .*:2/,
  ]);
  t.match(complaints(bfd('a', 'neighbor_ip 192.0.2.9\nsource_ip 2001:db8::1')), [
    /^3:1: error: source_ip 2001:db8::1 cannot reach 192.0.2.9/,
  ]);
  t.end();
});

const group = (members: string, more = '') =>
  `vrrp_sync_group G {\ngroup {\n${members}\n}\n${more}\n}\n`;
const two = instance('') + instance('', 'W', 2);

t.test('a sync group has members, each in one group', (t) => {
  t.same(complaints(two + group('V\nW')), []);
  t.same(complaints(group('V W') + two), [], 'several on a line, defined after the group');
  t.match(complaints(two + group('V')), [/^17:17: warning: .* one member, which needs no group/]);
  t.match(complaints('vrrp_sync_group G {\n}\n'), [/no member/]);
  t.match(complaints(two + group('V\nX')), [/^20:1: error: there is no vrrp_instance X/]);
  t.match(complaints(two + group('V\nV')), [/V as the member of a vrrp_sync_group is defined/]);
  t.match(complaints(two + group('V\nW') + group('V\nW')), [
    /vrrp_sync_group G is defined already/,
    /V as the member/,
    /W as the member/,
  ]);
  t.end();
});

t.test('weights mean nothing in a sync group, unless it says so', (t) => {
  const weighed = `${instance('track_interface {\neth1 weight 5\n}')}${instance('', 'W', 2)}`;
  t.same(complaints(weighed), []);
  t.match(complaints(weighed + group('V\nW')), [
    /^8:1: warning: track_interface eth1: the weight is/,
  ]);
  t.same(complaints(weighed + group('V\nW', 'sync_group_tracking_weight')), []);
  const uneven = weighed.replace('interface', 'priority 120\ninterface');
  t.match(notices(uneven + group('V\nW', 'sync_group_tracking_weight')), [
    /sync_group_tracking_weight is for members of one priority, not for V 120, W 100/,
  ]);
  const own = script.replace('}', 'weight 5\n}') + instance('track_script {\ncheck\n}');
  t.match(complaints(own + instance('', 'W', 2) + group('V\nW')), [
    /track_script check: the weight/,
  ]);
  t.end();
});

t.test('static entries follow groups that are there', (t) => {
  const address = 'static_ipaddress {\n192.0.2.1/24 dev eth0 track_group g\n}\n';
  const groups = `track_group g {\ngroup {\nV\n}\n}\n${instance('')}`;
  t.same(complaints(groups + address), []);
  t.match(complaints(address), [/^2:1: error: there is no track_group g$/]);
  t.match(complaints(address + groups), [/is defined only at/]);
  const report = new Report();
  checkTracking(configOf('').root, report);
  t.same(report.diagnostics, []);
  t.end();
});
