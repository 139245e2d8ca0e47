import t from 'tap';
import { Report } from '../../src/config/diagnostic.js';
import { checkRouting } from '../../src/config/routing-checks.js';
import { complaints, configOf } from './text.js';

const bgp = (lines: string, allow = '203.0.113.0/24 le 32') => `bgp_instance edge {
local_as 64512
allow {
${allow}
}
${lines}
}
`;
const neighbor = (lines: string) => bgp(`neighbor 192.0.2.254 {\n${lines}\n}`);

t.test('an instance says who it is, and what it may announce', (t) => {
  t.same(complaints(bgp('')), []);
  t.match(complaints(bgp('').replace('local_as 64512', '')), [/^1:14: error: .* has no local_as/]);
  t.match(complaints(bgp('', '')), [/^1:14: warning: .* allows no prefix, so it announces none/]);
  t.match(complaints('ospf_instance o {\n}\n'), [/ospf_instance o allows no prefix/]);
  t.match(complaints(bgp('') + bgp('')), [/^8:1: error: bgp_instance edge is defined already/]);
  t.match(complaints(bgp('').replace('64512', '0')), [/"0" is not what local_as takes/]);
  t.end();
});

t.test('a neighbour needs an AS, of its own or of its template', (t) => {
  t.same(complaints(neighbor('remote_as 65000')), []);
  t.match(complaints(neighbor('')), [/^6:10: error: neighbor 192.0.2.254 .* has no remote_as/]);
  const shared = 'template t {\nremote_as internal\n}\nneighbor 192.0.2.254 {\ntemplate t\n}';
  t.same(complaints(bgp(shared)), []);
  t.match(complaints(bgp(shared.replace('template t\n', 'template u\n'))), [
    /has no remote_as/,
    /there is no template u; did you mean "t"/,
  ]);
  const twice = 'neighbor 192.0.2.254 {\nremote_as 1\n}\n';
  t.match(complaints(bgp(twice + twice)), [/neighbor 192.0.2.254 of bgp_instance edge is defined/]);
  t.end();
});

t.test('settings of a session that exclude each other', (t) => {
  const said = (lines: string) => complaints(neighbor(`remote_as 65000\n${lines}`));
  t.match(said('ttl_security hops 1\nebgp_multihop 2'), [/exclude each other/]);
  t.match(said('update_source 2001:db8::1'), [/cannot reach 192.0.2.254/]);
  t.match(said('timers 1 2'), [/the hold time is 0 or 3 seconds and more/]);
  t.same(said('timers 3 9'), []);
  t.same(said('timers 0 0'), []);
  t.match(said('bfd nowhere'), [/there is no bfd_instance nowhere/]);
  t.match(said('community 1:99999'), [/is not what community takes/]);
  t.end();
});

t.test('what is announced goes to instances that are there', (t) => {
  const instance = (lines: string) => `vrrp_instance V {
interface eth0
virtual_router_id 1
virtual_ipaddress {
203.0.113.9
}
announce {
${lines}
}
}
`;
  t.same(complaints(bgp('') + instance('bgp edge {\n}')), []);
  t.match(complaints(bgp('') + instance('bgp egde {\n}')), [
    /there is no bgp_instance egde; did you/,
  ]);
  t.match(complaints(instance('ospf core {\n}')), [/there is no ospf_instance core/]);
  t.match(complaints(bgp('') + instance('bgp edge {\n}\nbgp edge {\n}')), [/announce bgp edge of/]);
  const area = 'area 0 {\ninterface eth0 {\n}\n}\n';
  const ospf = `ospf_instance o {\nallow {\n2001:db8::/32\n}\n${area}}\n`;
  t.match(complaints(ospf), [/^3:1: error: 2001:db8:: is not IPv4, which OSPFv2 carries/]);
  t.same(complaints(ospf.replace('{', '{\nversion 3')), []);
  t.end();
});

t.test('an empty file has nothing to say', (t) => {
  const report = new Report();
  const { root, config } = configOf('');
  checkRouting(root, config, report);
  t.same(report.diagnostics, []);
  t.end();
});
