import { ok } from 'neverthrow';
import t from 'tap';
import { formatDiagnostic } from '../../src/config/diagnostic.js';
import { readConfig } from '../../src/config/read.js';

function complaints(text: string): string[] {
  const result = readConfig('f', () => ok(text), 'h');
  const diagnostics = result.isOk() ? result.value.warnings : result.error;
  return diagnostics.map(formatDiagnostic);
}

const plane = `dataplane {
port a { device net_null }
port b { device net_null }
}
local_address_group lips { 10.0.0.9 a }
`;
const service = (check: string) => `virtual_server 10.0.0.1 80 {
lb_algo rr
lb_kind FNAT
protocol TCP
laddr_group_name lips
real_server 10.0.0.2 80 { TCP_CHECK {
${check}
} }
}
`;
const instance = (lines: string, address = '192.0.2.1') => `vrrp_instance V {
interface eth0
virtual_router_id 5
virtual_ipaddress {
${address}
}
${lines}
}
`;

t.test('what these blocks share fits', (t) => {
  t.same(complaints(plane + service('') + instance('dpdk_interface a')), []);
  t.end();
});

t.test('a device and a companion interface belong to one port', (t) => {
  const ports = (left: string, right: string) =>
    complaints(`dataplane {\nport a { ${left} }\nport b { ${right} }\n}\n`);
  t.same(ports('device 0000:01:00.0', 'device 0000:01:00.0'), [
    'f:3:1: error: DPDK device 0000:01:00.0 is defined already at f:2',
  ]);
  t.same(
    ports('device net_null1', 'device net_null'),
    ['f:3:1: error: DPDK device net_null1 is defined already at f:2'],
    'also when the number is ours',
  );
  t.same(ports('device net_null\nkni_name b.kni', 'device net_null'), [
    'f:4:1: error: companion interface b.kni is defined already at f:2',
  ]);
  t.end();
});

t.test('an address of dpdk_interface goes to no other device', (t) => {
  t.same(complaints(plane + instance('dpdk_interface a', '192.0.2.1 dev b')), [
    'f:10:1: error: the address goes to dpdk_interface a; remove "dev b"',
  ]);
  t.same(complaints(plane + instance('dpdk_interface a', '192.0.2.1 dev a')), []);
  t.end();
});

t.test('IPv6 is refused at its word', (t) => {
  const refusal = (place: string) => [
    `${place}: error: 2001:db8::1: VRRPv2 and the data plane support only IPv4 so far`,
  ];
  t.same(complaints(instance('', '2001:db8::1/64')), refusal('f:5:1'));
  const route = plane.replace('dataplane {', 'dataplane {\nroutes {\n2001:db8::1 dev a\n}');
  t.same(complaints(route), refusal('f:3:1'));
  const via = route.replace('2001', 'default via 2001');
  t.same(complaints(via), refusal('f:3:13'));
  const server = service('').replace('real_server 10.0.0.2', 'real_server 2001:db8::1');
  t.same(complaints(plane + server), refusal('f:11:13'));
  t.same(complaints(`${plane}virtual_server_group g {\n2001:db8::1 80\n}\n`), refusal('f:7:1'));
  t.same(complaints(plane + service('bindto 2001:db8::1')), [
    'f:12:1: error: bindto 2001:db8::1 cannot reach 10.0.0.2: one is IPv4, one IPv6',
  ]);
  t.same(complaints(plane + service('bindto 2001:db8::1\nconnect_ip 2001:db8::2')), []);
  t.end();
});

t.test('a local address is there once, and is no virtual address', (t) => {
  const twice = plane.replace('10.0.0.9 a', '10.0.0.9 a\n10.0.0.8-9 a');
  t.same(complaints(twice), [
    'f:5:1: error: local address 10.0.0.9 of lips is defined already at f:5',
  ]);
  const groups = 'virtual_server_group g { 10.0.0.1 80 }\nvirtual_server_group h { 10.0.0.9 80 }\n';
  t.same(complaints(plane + groups), [
    'f:5:1: error: local address 10.0.0.9 is a virtual address at f:7',
  ]);
  t.end();
});

t.test('nothing between braces goes unread', (t) => {
  t.same(complaints(instance('nopreempt { priority 7 }')), [
    'f:7:1: error: nopreempt takes no block; remove the braces',
  ]);
  t.same(
    complaints(instance('', '192.0.2.1 {\n192.0.2.2\n}')),
    ['f:5:1: error: 192.0.2.1 takes no block; remove the braces'],
    'an entry of a value block',
  );
  t.match(complaints(`${plane}virtual_server_group g { 10.0.0.1 80 { 10.0.0.2 80 } }\n`), [
    /takes no block/,
  ]);
  t.match(complaints('local_address_group g { 10.0.0.1 a { 10.0.0.2 a } }\n'), [/takes no block/]);
  t.end();
});

t.test('words behind the arguments of a block are warned of', (t) => {
  const warning = (place: string, word: string, keyword: string) => [
    `${place}: warning: "${word}" after ${keyword} has no meaning and is ignored`,
  ];
  const block = instance('').replace('virtual_ipaddress {', 'virtual_ipaddress x {');
  t.same(complaints(block), warning('f:4:19', 'x', 'virtual_ipaddress'));
  t.same(complaints(instance('').replace('V {', 'V W {')), warning('f:1:17', 'W', 'vrrp_instance'));
  const server = plane + service('');
  t.same(
    complaints(server.replace('10.0.0.1 80', '10.0.0.1 80 81')),
    warning('f:6:28', '81', 'virtual_server'),
  );
  t.same(
    complaints(server.replace('10.0.0.2 80', '10.0.0.2 80 81')),
    warning('f:11:25', '81', 'real_server'),
  );
  t.same(
    complaints(`virtual_server_group g { 10.0.0.1 80 81 }`),
    warning('f:1:38', '81', '10.0.0.1'),
  );
  t.end();
});
