import fc from 'fast-check';
import { err, ok } from 'neverthrow';
import t from 'tap';
import { checkTable, tcpCheckTable } from '../../src/config/checker.js';
import { dataplaneTable } from '../../src/config/dataplane.js';
import { rootTable } from '../../src/config/decode.js';
import { formatDiagnostic } from '../../src/config/diagnostic.js';
import { globalTable } from '../../src/config/global.js';
import type { Table } from '../../src/config/keywords.js';
import { nearest } from '../../src/config/nearest.js';
import { readConfig } from '../../src/config/read.js';
import { virtualServerTable } from '../../src/config/virtual-server.js';
import { vrrpTable } from '../../src/config/vrrp.js';

/** Reads one text, with other files for its includes. */
function read(text: string, others: Readonly<Record<string, string>> = {}) {
  const files: Readonly<Record<string, string>> = { '/etc/k.conf': text, ...others };
  return readConfig(
    '/etc/k.conf',
    (path) => {
      const found = files[path];
      return found === undefined ? err({ reason: 'no such file' }) : ok(found);
    },
    'this-host',
  );
}

/** Every complaint, without the path of the main file. */
function complaints(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  const result = read(text, others);
  const diagnostics = result.isOk() ? result.value.warnings : result.error;
  return diagnostics.map((one) => formatDiagnostic(one).replace('/etc/k.conf:', ''));
}

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
  const { config } = read(instance(''))._unsafeUnwrap();
  t.equal(config.global.routerId, 'this-host');
  t.equal(config.dataplane, null);
  t.match(config.vrrpInstances[0], {
    name: 'V',
    state: 'BACKUP',
    priority: 100,
    advertIntervalMs: 1000,
    preempts: true,
    leases: true,
    garpMasterDelayMs: 5000,
    garpMasterRepeat: 5,
    authentication: { type: 'none' },
  });
  t.equal(read(instance('state MASTER'))._unsafeUnwrap().config.vrrpInstances[0]?.priority, 255);
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
  t.same(
    complaints(text),
    [
      '1:15: error: vrrp_instance A has no interface',
      '1:15: error: vrrp_instance A has no virtual_router_id',
      '2:10: error: "300" is not what priority takes: a whole number, 1-255',
      '4:21: error: "10.0.0.256" is not an IP address',
      '6:1: error: this "}" closes nothing; remove it, or look for a missing "{" above',
      '7:25: error: virtual_server needs an IP address and a port, 1-65535',
      '9:25: error: "10.0.0.9-3" is neither an IPv4 address nor a range like 10.0.0.201-210',
    ].map((line) => line.replace('10.0.0.201-210', '10.1.0.201-210')),
  );
  t.end();
});

t.test('an unclosed block points at its opening brace', (t) => {
  t.same(complaints('global_defs {\nrouter_id a\n'), [
    '1:13: error: this "{" is never closed (1 "}" missing at the end of the file)',
  ]);
  t.same(complaints('{\n}\n'), ['1:1: error: a "{" needs a keyword before it']);
  t.same(complaints('global_defs {\nrouter_id "a\n}\n'), [
    '2:11: error: the quote is not closed on this line; add a "',
  ]);
  t.end();
});

t.test('warnings and notices do not stop anything', (t) => {
  t.same(complaints(instance('priority 5 6\npriority 7')), [
    '7:12: warning: "6" after priority has no meaning and is ignored',
  ]);
  t.equal(
    read(instance('priority 5\npriority 7'))._unsafeUnwrap().config.vrrpInstances[0]?.priority,
    7,
  );
  t.same(complaints('global_defs {\nsmtp_server 10.0.0.1\n}\n'), [
    '2:1: notice: "smtp_server" is accepted but not acted on',
  ]);
  t.match(complaints('global_defs {\nvrrp_strict\n}\n'), [
    /^2:1: notice: "vrrp_strict" is accepted/,
  ]);
  const long = 'authentication {\nauth_type PASS\nauth_pass 123456789\n}';
  t.same(complaints(instance(long)), ['9:1: warning: auth_pass is cut to its first 8 characters']);
  t.match(read(instance(long))._unsafeUnwrap().config.vrrpInstances[0]?.authentication, {
    password: '12345678',
  });
  const split = long.replace('123456789', '1234567😀');
  t.match(
    read(instance(split))._unsafeUnwrap().config.vrrpInstances[0]?.authentication,
    { password: '1234567' },
    'octets are counted, and no character is cut in two',
  );
  t.end();
});

t.test("options of an address: dev counts, iproute2's others are accepted", (t) => {
  const withOptions = (options: string) =>
    instance('').replace('192.0.2.1', `192.0.2.1/24 ${options}`);
  const { config, warnings } = read(
    withOptions('dev eth1 scope global label eth1:1 no_track'),
  )._unsafeUnwrap();
  t.equal(config.vrrpInstances[0]?.virtualAddresses[0]?.device, 'eth1');
  t.same(
    warnings.map(({ message }) => message),
    ['scope', 'label', 'no_track'].map((word) => `"${word}" is accepted but not acted on`),
  );
  t.match(complaints(withOptions('peer 192.0.2.2'))[0], /"peer" is not known here; known are: dev/);
  t.match(complaints(withOptions('dev'))[0], /dev needs a word/);
  t.end();
});

t.test('includes keep the place of every line, and end', (t) => {
  const others = {
    '/etc/d/a.conf': 'include b.conf\nrouter_id x y\n',
    '/etc/d/b.conf': '# nothing\n',
    '/etc/loop.conf': 'include loop.conf\n',
  };
  t.same(complaints('global_defs {\n include d/a.conf\n}\n', others), [
    '/etc/d/a.conf:2:13: warning: "y" after router_id has no meaning and is ignored',
  ]);
  t.same(complaints('include loop.conf\n', others), [
    '/etc/loop.conf:1:1: error: /etc/loop.conf includes itself ' +
      '(/etc/k.conf -> /etc/loop.conf -> /etc/loop.conf)',
  ]);
  t.same(complaints('include nowhere\n'), ['1:1: error: cannot read /etc/nowhere: no such file']);
  t.match(complaints('include /etc/*.conf\n')[0], /wildcards in include are not supported yet/);
  const missing = readConfig('/x', () => err({ reason: 'no such file' }), 'h')._unsafeUnwrapErr();
  t.match(missing, [{ code: 'config.unreadable', severity: 'error' }]);
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

t.test('blocks that do not fit together: both places are named', (t) => {
  const twice = instance('') + instance('').replace('eth0', 'eth1');
  t.ok(
    complaints(twice).includes('9:1: error: vrrp_instance V is defined already at /etc/k.conf:1'),
  );
  const clash = instance('') + instance('').replace('V {', 'W {').replace('.1\n', '.2\n');
  t.same(complaints(clash), [
    '9:1: error: virtual_router_id 5 on eth0 is defined already at /etc/k.conf:1',
  ]);
  t.same(complaints(plane + service('real_server 10.0.0.2 80 {\n}')), [
    '11:1: error: real server 10.0.0.2:80 of virtual_server 10.0.0.1 80 is defined already at ' +
      '/etc/k.conf:10',
  ]);
  t.same(complaints(plane + service('') + service('')), [
    '13:1: error: virtual server TCP 10.0.0.1:80 is defined already at /etc/k.conf:5',
  ]);
  t.same(complaints(plane + service('', '10.0.0.9 80')), [
    '4:1: error: local address 10.0.0.9 is a virtual address at /etc/k.conf:5',
  ]);
  t.end();
});

t.test('of all the spellings of a keyword the last one counts', (t) => {
  const preempts = (lines: string) =>
    read(instance(lines))._unsafeUnwrap().config.vrrpInstances[0]?.preempts;
  t.equal(preempts('preempt\nnopreempt'), false);
  t.equal(preempts('nopreempt\npreempt'), true);
  const check = 'real_server 10.0.0.3 80 { TCP_CHECK { retry 3\nnb_sock_retry 7 } }\nlvs_sched wrr';
  const [server] = read(plane + service(check))._unsafeUnwrap().config.virtualServers;
  t.equal(server?.scheduler, 'wrr');
  t.equal(server?.realServers[1]?.checkers[0]?.retry, 7);
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

t.test('names must exist', (t) => {
  t.match(complaints(service(''))[0], /needs a dataplane block to forward packets/);
  t.ok(complaints(service('')).some((line) => line.includes('no local_address_group lips')));
  t.ok(
    complaints(plane.replace('9 dpdk0', '9 dpkd0')).includes(
      '4:1: error: the dataplane block has no port dpkd0; did you mean "dpdk0"?',
    ),
  );
  t.match(complaints(instance('dpdk_interface dpdk9'))[0], /has no port dpdk9/);
  t.match(complaints(plane + service('', 'group web'))[0], /there is no virtual_server_group web/);
  t.end();
});

t.test('what a service cannot do without is said with the line to add', (t) => {
  const missing = complaints(`${plane}virtual_server 10.0.0.1 80 {\n}\n`);
  for (const keyword of ['protocol', 'lb_algo', 'lb_kind', 'laddr_group_name', 'real_server']) {
    t.ok(missing.some((line) => line.includes(`virtual_server 10.0.0.1 80 has no ${keyword}:`)));
  }
  t.match(complaints(plane + service('weight 70000'))[0], /0-65535/);
  t.match(complaints(plane + service('', '2001:db8::1 80'))[0], /support only IPv4 so far/);
  t.end();
});

t.test('every keyword has a sentence', (t) => {
  const tables: readonly Table[] = [
    rootTable,
    globalTable,
    dataplaneTable,
    vrrpTable,
    virtualServerTable,
    checkTable,
    tcpCheckTable,
  ];
  for (const table of tables) {
    for (const [name, { documentation }] of Object.entries(table)) {
      t.match(documentation, /^[A-Za-z].{8,}[.…}:A-Z]$/, name);
    }
  }
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
      return typeof read(parts.join(separator)).isOk() === 'boolean';
    }),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('a thousand blocks of a hundred lines cost what they are', (t) => {
  const block = service('real_server 10.0.0.3 80 { weight 1 }\n'.replace('80 {', '80 {'));
  const blocks = Array.from({ length: 500 }, (_, index) =>
    block.replace('10.0.0.1 80', `10.0.0.1 ${index + 1000}`),
  );
  const { config } = read(plane + blocks.join(''))._unsafeUnwrap();
  t.equal(config.virtualServers.length, 500);
  t.end();
});
