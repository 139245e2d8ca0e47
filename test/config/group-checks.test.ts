import t from 'tap';
import { Report } from '../../src/config/diagnostic.js';
import { checkGroups } from '../../src/config/group-checks.js';
import { checkLocalAddresses } from '../../src/config/local-address-checks.js';
import { complaints, configOf, notices } from './text.js';

const service = (lines: string, head = '192.0.2.10 80') => `virtual_server ${head} {
lb_algo rr
lb_kind NAT
protocol TCP
${lines}
real_server 192.0.2.20 80 {
}
}
`;
const group = (lines: string, name = 'g') => `virtual_server_group ${name} {\n${lines}\n}\n`;

t.test('a file without groups has nothing to hear', (t) => {
  const report = new Report();
  const { root } = configOf('');
  checkGroups(root, report);
  checkLocalAddresses(root, report);
  t.same(report.diagnostics, []);
  t.end();
});

t.test('virtual_server_group: not empty, not ambiguous, used', (t) => {
  t.same(complaints(group('')), ['1:1: error: virtual_server_group g is empty and is left out']);
  t.same(complaints(group('192.0.2.1\n2001:db8::1\nfwmark 5')), [
    '1:1: error: virtual_server_group g has IPv4, IPv6 and a fwmark; write inet or inet6 behind ' +
      'the fwmark',
  ]);
  t.same(complaints(group('192.0.2.1\n2001:db8::1\nfwmark 5 inet6')), []);
  t.ok(
    notices(group('fwmark 5')).includes(
      '1:1: notice: no virtual_server uses virtual_server_group g',
    ),
  );
  const twice = group('192.0.2.10 80') + group('192.0.2.11 80') + service('', 'group g');
  t.ok(
    complaints(twice).includes(
      '4:1: warning: virtual_server_group g is defined already at /etc/k.conf:1',
    ),
  );
  t.match(complaints('virtual_server_group g x {\nfwmark 5\n}\n'), [
    /^1:24: fatal: "x" stands where virtual_server_group needs its "\{"; remove it$/,
  ]);
  t.end();
});

t.test("DPVS's groups exist, and are used", (t) => {
  const bad = 'deny_address_group bad {\n192.0.2.66\n}\n';
  t.same(complaints(bad + service('daddr_group_name bad')), []);
  t.same(complaints(bad + service('daddr_group_name bat')), [
    '8:1: error: there is no deny_address_group bat; did you mean "bad"?',
  ]);
  t.same(complaints(service('waddr_group_name good')), [
    '5:1: error: there is no allow_address_group good',
  ]);
  t.same(complaints(bad + bad), [
    '4:1: error: deny_address_group bad is defined already at /etc/k.conf:1',
  ]);
  t.ok(notices(bad).includes('1:1: notice: no virtual_server uses deny_address_group bad'));
  t.end();
});

t.test('tunnels have two ends of one family', (t) => {
  const tunnel = (lines: string) =>
    `tunnel_group g {\ntunnel_entry t1 {\n${lines}\n}\ntunnel_entry t2 {\n${lines}\n}\n}\n`;
  t.same(complaints(tunnel('kind ipip\nremote 192.0.2.9\nlocal 192.0.2.1\nif a')), []);
  t.same(complaints(tunnel('remote 192.0.2.9')), [
    '2:1: error: tunnel_entry t1 has no kind',
    '5:1: error: tunnel_entry t2 has no kind',
  ]);
  t.equal(
    complaints(tunnel('kind gre\nremote 192.0.2.9\nlocal 2001:db8::1'))[0],
    '5:1: error: local 2001:db8::1 cannot reach 192.0.2.9: one is IPv4, one IPv6',
  );
  t.match(complaints(tunnel('kind ipip\nremote 192.0.2.9').replace('t2', 't1')), [
    /tunnel_entry t1 is defined already at .*:2$/,
  ]);
  t.end();
});

t.test('SSL: of several the last counts, with a complaint', (t) => {
  t.same(complaints('SSL {\npassword a\npassword b\nca x\n}\n'), [
    '3:1: warning: password replaces the one at /etc/k.conf:2; remove one',
  ]);
  t.same(complaints('SSL {\n}\nSSL {\nkey\n}\n'), [
    '3:1: warning: SSL replaces the one at /etc/k.conf:1; remove one',
    '4:1: error: key is missing its argument: PATH',
  ]);
  t.end();
});

t.test('a local address is no virtual one, however large the group', (t) => {
  const lips = 'local_address_group lips {\n10.9.9.9 dpdk0\n}\n';
  const plane = 'dataplane {\nport dpdk0 {\ndevice net_null\n}\n}\n';
  const large = lips + plane + group('10.0.0.0/8 80') + service('', 'group g');
  t.same(complaints(large), [
    '2:1: error: local address 10.9.9.9 is a virtual address at /etc/k.conf:10',
  ]);
  t.same(complaints(large.replace('10.0.0.0/8', '10.9.9.8-10')), [
    '2:1: error: local address 10.9.9.9 is a virtual address at /etc/k.conf:10',
  ]);
  t.same(complaints(large.replace('10.0.0.0/8', '11.0.0.0/8')), []);
  t.end();
});
