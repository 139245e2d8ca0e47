import fc from 'fast-check';
import t from 'tap';
import { dataplaneTable } from '../../src/config/dataplane.js';
import { decode } from '../../src/config/decode.js';
import { Report } from '../../src/config/diagnostic.js';
import { type KeywordNode, keywordTree } from '../../src/config/keyword-tree.js';
import { nearest } from '../../src/config/nearest.js';
import { rootTable } from '../../src/config/root-table.js';
import { virtualServerTable } from '../../src/config/virtual-server-table.js';
import { vrrpTable } from '../../src/config/vrrp-table.js';
import { complaints, configOf, notices, readText } from './text.js';

const instance = (lines: string) => `vrrp_instance V {
interface eth0
virtual_router_id 5
virtual_ipaddress {
192.0.2.1
}
${lines}
}
`;

t.test('defaults are filled in', (t) => {
  const { config } = configOf(instance(''));
  t.equal(config.global.routerId, 'this-host');
  t.equal(config.dataplane, null);
  t.match(config.vrrpInstances[0], {
    name: 'V',
    state: 'BACKUP',
    priority: 100,
    advertIntervalMs: 1000,
    preempts: true,
    leases: true,
    garp: { masterDelayMs: 5000, masterRounds: 5 },
    authentication: { type: 'none' },
  });
  t.equal(configOf(instance('state MASTER')).config.vrrpInstances[0]?.priority, 255);
  t.end();
});

t.test('a file that says nothing is a configuration', (t) => {
  const report = new Report();
  const { config } = decode([], { routerId: 'node' }, report);
  t.same(report.diagnostics, []);
  t.equal(config.global.routerId, 'node');
  t.same([config.dataplane, config.vrrpInstances, config.virtualServers], [null, [], []]);
  t.end();
});

t.test('a misspelt keyword is named with its place and the nearest word', (t) => {
  t.same(complaints('vrrp_instnce V {\n}\n'), [
    '1:1: error: unknown keyword "vrrp_instnce" in the root of the file; ' +
      'did you mean "vrrp_instance"?',
  ]);
  t.same(complaints(instance('  prioritty 5')), [
    '7:3: error: unknown keyword "prioritty" in vrrp_instance; did you mean "priority"?',
  ]);
  t.same(complaints(instance('zzz')), ['7:1: error: unknown keyword "zzz" in vrrp_instance']);
  t.equal(nearest('intreface', ['state', 'interface']), 'interface', 'a swap is one mistake');
  t.equal(nearest('q', ['state']), null);
  t.end();
});

t.test('all errors of a file come in one run, in the order of the text', (t) => {
  const text = `vrrp_instance A {
priority 300
advert_int 0.5
virtual_ipaddress { 10.0.0.256 }
}
}
virtual_server 10.0.0.1 99999 {
}
local_address_group g { 10.0.0.9-3 dpdk0 }
`;
  t.same(complaints(text), [
    '1:15: fatal: vrrp_instance A has no interface',
    '1:15: fatal: vrrp_instance A has no virtual_router_id',
    '2:10: error: "300" is not what priority takes: a whole number, 1-255',
    '3:1: warning: advert_int must be whole seconds in VRRPv2; 1 is used',
    '4:21: error: "10.0.0.256" is not what virtual_ipaddress takes: ' +
      'an IP address, with /LENGTH unless it stands for itself alone',
    '6:1: error: this "}" closes nothing; remove it, or look for a missing "{" above',
    '7:25: error: "99999" is not what virtual_server takes: a whole number, 0-65535',
    '9:25: error: "10.0.0.9-3" is not what local_address_group takes: ' +
      'an IP address, or a range like 10.1.0.201-210 or 2001:db8::10-1f',
  ]);
  t.end();
});

t.test('an unclosed block points at its opening brace', (t) => {
  t.same(complaints('global_defs {\nrouter_id a\n'), [
    '1:13: error: this "{" is never closed (1 "}" missing at the end of the file)',
  ]);
  t.same(complaints('global_defs {\nrouter_id "a\n}\n'), [
    '2:11: error: the quote is not closed on this line; add a "',
  ]);
  t.end();
});

t.test('warnings and notices do not stop anything', (t) => {
  const extra = instance('priority 5 6\npriority 7');
  t.same(notices(extra), ['7:12: notice: "6" after priority has no meaning and is ignored']);
  t.equal(configOf(extra).config.vrrpInstances[0]?.priority, 7);
  t.same(notices('global_defs {\nrs_init_notifies\nrs_init_notifies off\n}\n'), [
    '2:1: notice: "global_defs rs_init_notifies" is accepted but not acted on',
  ]);
  const long = 'authentication {\nauth_type PASS\nauth_pass 123456789\n}';
  t.same(complaints(instance(long)), ['9:1: warning: auth_pass is cut to its first 8 characters']);
  const passwordOf = (lines: string) =>
    configOf(instance(lines)).config.vrrpInstances[0]?.authentication;
  t.match(passwordOf(long), { password: '12345678' });
  t.match(
    passwordOf(long.replace('123456789', '1234567😀')),
    { password: '1234567' },
    'octets are counted, and no character is cut in two',
  );
  t.end();
});

t.test("options of an address: dev counts, iproute2's others are accepted", (t) => {
  const withOptions = (options: string) =>
    instance('').replace('192.0.2.1', `192.0.2.1/24 ${options}`);
  const text = withOptions('dev eth1 scope global label eth1:1 no_track');
  t.equal(configOf(text).config.vrrpInstances[0]?.virtualAddresses[0]?.device, 'eth1');
  t.same(complaints(text), []);
  t.match(complaints(withOptions('pear 192.0.2.2'))[0], /"pear" is not known behind an address/);
  t.match(complaints(withOptions('dev'))[0], /is missing its argument/);
  t.end();
});

t.test('lines of included files keep their place', (t) => {
  const others = { '/etc/d/a.conf': 'router_id x\nrouter_ib y\n' };
  t.same(complaints('global_defs {\n include d/a.conf\n}\n', others), [
    '/etc/d/a.conf:2:1: error: unknown keyword "router_ib" in global_defs; ' +
      'did you mean "router_id"?',
  ]);
  t.end();
});

const plane = `dataplane {
port dpdk0 { device net_null }
}
local_address_group lips { 10.0.0.9 dpdk0 }
`;
const service = (lines: string, name = '10.0.0.1 80') => `virtual_server ${name} {
lb_algo rr
lb_kind FNAT
protocol TCP
laddr_group_name lips
real_server 10.0.0.2 80 { weight 1 }
${lines}
}
`;

t.test('of all the spellings of a keyword the last one counts', (t) => {
  const preempts = (lines: string) => configOf(instance(lines)).config.vrrpInstances[0]?.preempts;
  t.equal(preempts('preempt\nnopreempt'), false);
  t.equal(preempts('nopreempt\npreempt'), true);
  const check = 'real_server 10.0.0.3 80 { TCP_CHECK { retry 3\nnb_sock_retry 7 } }\nlvs_sched wrr';
  const [server] = configOf(plane + service(check)).config.virtualServers;
  t.equal(server?.scheduler, 'wrr');
  t.match(server?.realServers[1]?.checkers[0], { type: 'TCP_CHECK', retry: 7 });
  t.end();
});

t.test('two ports cannot be one device, whoever numbered it', (t) => {
  const ports = 'port a { device net_null1\n}\nport b { device net_null\n kni_name a.kni\n}\n';
  t.same(complaints(`dataplane {\n${ports}}\n`), [
    '4:1: error: DPDK device net_null1 is defined already at /etc/k.conf:2',
    '4:1: error: companion interface a.kni is defined already at /etc/k.conf:2',
  ]);
  t.end();
});

t.test('a service needs what it refers to', (t) => {
  t.ok(complaints(service('')).some((line) => line.includes('no local_address_group lips')));
  t.match(complaints(plane + service('', 'group web'))[0], /there is no virtual_server_group web/);
  const withoutAddresses = complaints(plane + service('').replace('laddr_group_name lips', ''));
  t.match(withoutAddresses[0], /has no laddr_group_name: FNAT needs source addresses/);
  t.end();
});

t.test('what the data plane cannot do is kept, and said once', (t) => {
  const twos = plane + service('lb_algo twos');
  const again = twos.replace(plane, '').replace('10.0.0.1', '10.0.0.3');
  t.same(complaints(twos + again), []);
  const what = notices(twos + again).filter((line) => line.includes('virtual_server with'));
  t.equal(what.length, 1);
  t.match(what[0], /"virtual_server with lb_algo twos" is accepted but not acted on/);
  t.same(configOf(twos).config.virtualServers, []);
  t.equal(configOf(twos).root.all('virtual_server').length, 1);
  t.end();
});

t.test('every keyword and option has a sentence', (t) => {
  const check = (nodes: readonly KeywordNode[], path: string): void => {
    for (const { name, documentation, inside, options } of nodes) {
      if (!/^[A-Za-z].{8,}\.$/.test(documentation)) t.fail(`${path} ${name}: ${documentation}`);
      check(inside ?? [], `${path} ${name}`);
      check(options ?? [], `${path} ${name}`);
    }
  };
  check(keywordTree(), '');
  t.ok(keywordTree().length > 5);
  t.end();
});

t.test('no text makes it throw', (t) => {
  const words = [
    '{',
    '}',
    '"',
    '#',
    '!',
    '\\',
    '\n',
    ' ',
    '\r\n',
    '\t',
    'include',
    '0',
    '-1',
    'é',
    '\u2028',
    '\u00a0',
    '\0',
    '10.0.0.1',
    '80',
    'group',
    ...Object.keys(rootTable),
    ...Object.keys(vrrpTable),
    ...Object.keys(virtualServerTable),
    ...Object.keys(dataplaneTable),
  ];
  const anything = fc.string({ unit: 'binary' });
  const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string(), anything), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, fc.constantFrom('', ' ', '\n'), (parts, separator) => {
      return readText(parts.join(separator)).isOk();
    }),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('a thousand blocks of a hundred lines cost what they are', (t) => {
  const block = service('real_server 10.0.0.3 80 { weight 1 }');
  const blocks = Array.from({ length: 500 }, (_, index) =>
    block.replace('10.0.0.1 80', `10.0.0.1 ${index + 1000}`),
  );
  const { config } = configOf(plane + blocks.join(''));
  t.equal(config.virtualServers.length, 500);
  t.end();
});
