import t from 'tap';
import { complaints, configOf, notices } from './text.js';

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
    '3:1: error: DPDK device 0000:01:00.0 is defined already at /etc/k.conf:2',
  ]);
  t.same(
    ports('device net_null1', 'device net_null'),
    ['3:1: error: DPDK device net_null1 is defined already at /etc/k.conf:2'],
    'also when the number is ours',
  );
  t.same(ports('device net_null\nkni_name b.kni', 'device net_null'), [
    '4:1: error: companion interface b.kni is defined already at /etc/k.conf:2',
  ]);
  t.end();
});

t.test('an address of dpdk_interface goes to no other device', (t) => {
  t.same(complaints(plane + instance('dpdk_interface a', '192.0.2.1 dev b')), [
    '10:1: error: the address goes to dpdk_interface a; remove "dev b"',
  ]);
  t.same(complaints(plane + instance('dpdk_interface a', '192.0.2.1 dev a')), []);
  t.end();
});

t.test('a check leaves from an address of its own family', (t) => {
  t.same(complaints(plane + service('bindto 2001:db8::1')), [
    '12:1: error: bindto 2001:db8::1 cannot reach 10.0.0.2: one is IPv4, one IPv6',
  ]);
  t.same(complaints(plane + service('connect_ip 2001:db8::2\nbindto 2001:db8::1')), []);
  t.end();
});

t.test('addresses and routes of the data plane are of either family, not of both', (t) => {
  const inside = (lines: string) => plane.replace('dataplane {', `dataplane {\n${lines}\n`);
  const route = (line: string) => inside(`routes {\n${line} dev a\n}`);
  t.same(complaints(inside('addresses {\n2001:db8::1/64 dev a\n}')), []);
  t.same(complaints(route('2001:db8::/32')), []);
  const six = configOf(route('default via 2001:db8::1')).config.dataplane?.routes[0];
  t.match(six, { destination: { address: '::', length: 0 }, gateway: '2001:db8::1' });
  const four = configOf(route('default via 10.0.0.1')).config.dataplane?.routes[0];
  t.match(four, { destination: { address: '0.0.0.0', length: 0 }, gateway: '10.0.0.1' });
  t.same(complaints(route('10.0.0.0/8 via 2001:db8::1')), [
    '3:1: error: no route to 10.0.0.0/8 via 2001:db8::1: one is IPv4, one IPv6',
  ]);
  t.end();
});

t.test('a match names ports of the data plane', (t) => {
  const match = 'virtual_server match m {\nlb_algo rr\nlb_kind SNAT\nprotocol TCP\noif nope\n';
  const text = `${plane}${match}real_server 10.0.0.2 0 {\n}\n}\n`;
  t.match(complaints(text), [/error: the dataplane block has no port nope$/]);
  t.same(complaints(text.replace('nope', 'a')), []);
  t.end();
});

t.test('blocks that do not fit together: both places are named', (t) => {
  const twice = instance('') + instance('').replace('eth0', 'eth1');
  t.ok(
    complaints(twice).includes('9:1: error: vrrp_instance V is defined already at /etc/k.conf:1'),
  );
  const clash = instance('') + instance('').replace('V {', 'W {').replace('.1\n', '.2\n');
  t.same(complaints(clash), [
    '9:1: fatal: virtual_router_id 5 on eth0 is defined already at /etc/k.conf:1',
  ]);
  const server = plane + service('');
  const inside = server.replace('} }\n}', '} }\nreal_server 10.0.0.2 80 {\n}\n}');
  t.same(complaints(inside), [
    '14:1: error: real server 10.0.0.2:80 of virtual_server 10.0.0.1 80 is defined already at ' +
      '/etc/k.conf:11',
  ]);
  t.ok(
    complaints(server + service('')).includes(
      '15:16: warning: virtual server TCP 10.0.0.1:80 is defined already at /etc/k.conf:6',
    ),
  );
  t.end();
});

t.test('a port that is named must be there', (t) => {
  t.ok(
    complaints(plane.replace('9 a', '9 dpkd0').replace('port a', 'port dpdk0')).some((line) =>
      line.includes('the dataplane block has no port dpkd0; did you mean "dpdk0"?'),
    ),
  );
  t.match(complaints(instance('dpdk_interface dpdk9'))[0], /has no port dpdk9/);
  t.end();
});

t.test('a local address is there once, and is no virtual address', (t) => {
  const twice = plane.replace('10.0.0.9 a', '10.0.0.9 a\n10.0.0.8-9 a');
  t.same(complaints(twice), [
    '6:1: error: local address 10.0.0.9 of lips is defined already at /etc/k.conf:5',
  ]);
  const groups = 'virtual_server_group g { 10.0.0.1 80 }\nvirtual_server_group h { 10.0.0.9 80 }\n';
  t.same(complaints(plane + groups), [
    '5:28: error: local address 10.0.0.9 is a virtual address at /etc/k.conf:7',
  ]);
  t.end();
});

t.test('nothing between braces goes unread', (t) => {
  t.same(complaints(instance('nopreempt { priority 7 }')), [
    '7:1: error: nopreempt takes no block; remove the braces',
  ]);
  t.same(
    complaints(instance('', '192.0.2.1 {\n192.0.2.2\n}')),
    ['5:1: error: 192.0.2.1 takes no block; remove the braces'],
    'an entry of a value block',
  );
  t.match(complaints(`${plane}virtual_server_group g { 10.0.0.1 80 { 10.0.0.2 80 } }\n`), [
    /takes no block/,
  ]);
  t.match(complaints('local_address_group g { 10.0.0.1 a { 10.0.0.2 a } }\n'), [/takes no block/]);
  t.end();
});

t.test('words behind the arguments of a block are mentioned', (t) => {
  const notice = (place: string, word: string, keyword: string) =>
    `${place}: notice: "${word}" after ${keyword} has no meaning and is ignored`;
  const block = instance('').replace('virtual_ipaddress {', 'virtual_ipaddress x {');
  t.match(complaints(block), [/^4:19: warning: "x" after virtual_ipaddress has no meaning/]);
  t.same(notices(instance('').replace('V {', 'V W {')), [notice('1:17', 'W', 'vrrp_instance')]);
  const server = (plane + service('')).replace('10.0.0.2 80', '10.0.0.2 80 81');
  t.same(notices(server), [notice('11:25', '81', 'real_server')]);
  t.end();
});
