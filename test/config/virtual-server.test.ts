import { readFileSync } from 'node:fs';
import t from 'tap';
import { type KeywordNode, keywordTree } from '../../src/config/keyword-tree.js';
import { schedulers } from '../../src/net/service.js';
import { configOf, notices } from './text.js';

const plane = `dataplane {
port a {
device net_null
}
}
local_address_group lips {
10.0.0.9 a
}
`;
const service = (lines: string, inServer = '', head = '10.0.0.1 80') => `virtual_server ${head} {
lb_algo rr
lb_kind FNAT
protocol TCP
laddr_group_name lips
${lines}
real_server 10.0.0.2 80 {
${inServer}
}
}
`;

function serverOf(lines: string, inServer = '') {
  return configOf(plane + service(lines, inServer)).config.virtualServers[0]?.realServers[0];
}

t.test('a service that the data plane can do is forwarded', (t) => {
  const [found] = configOf(plane + service('')).config.virtualServers;
  t.match(found, { name: '10.0.0.1 80', protocol: 'TCP', scheduler: 'rr' });
  t.equal(found?.realServers[0]?.method, 'FNAT');
  for (const scheduler of schedulers) {
    const [other] = configOf(plane + service(`lb_algo ${scheduler}`)).config.virtualServers;
    t.equal(other?.scheduler, scheduler);
  }
  t.match(serverOf(''), { weight: 1, inhibitsOnFailure: false, checkers: [] });
  t.end();
});

t.test('what would be another service if it were left out is not forwarded', (t) => {
  const obstacles: Readonly<Record<string, readonly [string, string]>> = {
    'lb_algo twos': ['lb_algo twos', ''],
    daddr_group_name: ['daddr_group_name g', ''],
    waddr_group_name: ['waddr_group_name g', ''],
    persistence_engine: ['persistence_engine sip', ''],
    'a persistence_granularity that is no netmask of its family': [
      'persistence_granularity 255.0.255.0',
      '',
    ],
    remcsum: ['', 'lvs_method TUN type gue port 5 remcsum'],
  };
  for (const [name, [lines, inServer]] of Object.entries(obstacles)) {
    const text = plane + service(lines, inServer);
    t.same(configOf(text).config.virtualServers, [], name);
    const notice = `9:16: notice: "virtual_server with ${name}" is accepted but not acted on`;
    t.ok(notices(text).includes(notice), name);
    t.equal(configOf(text).root.all('virtual_server').length, 1, `${name} is kept`);
  }
  t.same(configOf(service('')).config.virtualServers, [], 'no dataplane block');
  const marks = plane + service('', '', 'fwmark 5');
  t.same(configOf(marks).config.virtualServers, []);
  t.ok(
    notices(marks).some((line) =>
      line.endsWith('carry no marks; tell them by virtual_server match'),
    ),
  );
  t.end();
});

t.test('what can be left out is said, and the rest is forwarded', (t) => {
  const lines = 'syn_proxy\nquorum 1\nsorry_server 10.0.0.8\nproxy_protocol disable\nalpha\nquic';
  const text = plane + service(lines, 'uthreshold 5\nsnmp_name x\nsmtp_alert');
  t.equal(configOf(text).config.virtualServers.length, 1);
  for (const name of ['virtual_server syn_proxy', 'real_server snmp_name']) {
    t.ok(
      notices(text).some((line) => line.endsWith(`"${name}" is accepted but not acted on`)),
      name,
    );
  }
  t.end();
});

t.test('quorum, sorry server and what is told of them', (t) => {
  const found = (lines: string, inServer = '') =>
    configOf(plane + service(lines, inServer)).config.virtualServers[0];
  t.match(found(''), { quorum: 1, hysteresis: 0, sorryServer: null, tellsItsEnd: false });
  const weighty = 'weight 9\nquorum 5\nhysteresis 7\nomega\nha_suspend';
  t.match(found(weighty), { quorum: 5, hysteresis: 4, tellsItsEnd: true });
  t.equal(found(weighty)?.isSuspendedElsewhere, true);
  t.match(found('quorum 5'), { quorum: 1 }, 'no more than there is');
  t.match(found('sorry_server 10.0.0.8')?.sorryServer, {
    endpoint: { address: '10.0.0.8', port: 80 },
    method: 'FNAT',
    weight: 1,
    isInhibited: false,
  });
  t.match(found('sorry_server 10.0.0.8 8080\nsorry_server_inhibit')?.sorryServer, {
    endpoint: { port: 8080 },
    isInhibited: true,
  });
  t.match(found('sorry_server 10.0.0.8\nsorry_server_lvs_method DR')?.sorryServer?.method, 'DR');
  const unreachable = plane + service('sorry_server 2001:db8::8');
  t.equal(configOf(unreachable).config.virtualServers[0]?.sorryServer, null);
  const check = 'TCP_CHECK {\n}';
  const startsDown = (lines: string, inServer: string) =>
    found(lines, inServer)?.realServers[0]?.checkers[0]?.startsDown;
  t.equal(startsDown('alpha', check), true);
  t.equal(startsDown('alpha', `alpha off\n${check}`), false);
  t.equal(startsDown('', 'TCP_CHECK {\nalpha\n}'), true);
  t.end();
});

t.test('groups: all addresses, unless one cannot be forwarded', (t) => {
  const endpointsOf = (lines: string) => {
    const group = `virtual_server_group g {\n${lines}\n}\n`;
    return configOf(plane + group + service('', '', 'group g')).config.virtualServers[0]?.endpoints;
  };
  t.same(endpointsOf('10.1.0.254-10.1.1.0 80\n10.2.0.0/31 81'), [
    { address: '10.1.0.254', port: 80 },
    { address: '10.1.0.255', port: 80 },
    { address: '10.1.1.0', port: 80 },
    { address: '10.2.0.0', port: 81 },
    { address: '10.2.0.1', port: 81 },
  ]);
  t.equal(endpointsOf('10.1.0.1 80\nfwmark 5'), undefined);
  t.equal(endpointsOf('10.128.0.0/9 80'), undefined);
  t.same(endpointsOf('10.1.0.1'), [{ address: '10.1.0.1', port: 0 }], 'any port');
  const twice =
    'virtual_server_group g {\n10.1.0.1 80\n}\nvirtual_server_group g {\n10.1.0.2 80\n}\n';
  const [found] = configOf(plane + twice + service('', '', 'group g')).config.virtualServers;
  t.same(found?.endpoints, [{ address: '10.1.0.1', port: 80 }], 'the first of a name counts');
  t.end();
});

t.test('a real server has its own settings, or those of the service', (t) => {
  t.match(serverOf('weight 5\ninhibit_on_failure'), { weight: 5, inhibitsOnFailure: true });
  t.match(serverOf('weight 5\ninhibit_on_failure', 'weight 0\ninhibit_on_failure off'), {
    weight: 0,
    inhibitsOnFailure: false,
  });
  t.equal(serverOf('', 'weight 2147483647')?.weight, 65_535);
  const check = 'TCP_CHECK {\ndelay_loop 9999999999\n}';
  t.match(serverOf('retry 4\nconnect_timeout 0.000001', check)?.checkers, [
    { retry: 4, connectTimeoutMs: 0.001, delayLoopMs: 2_147_483_647, warmupMs: 2_147_483_647 },
  ]);
  t.end();
});

/** Without other spellings, which are printed as what they mean, and what routing adds. */
function namesIn(nodes: readonly KeywordNode[] | null): readonly string[] {
  return (nodes ?? []).flatMap(({ name, sameAs, inside }) =>
    sameAs === null && name !== 'announce' ? [name, ...namesIn(inside)] : [],
  );
}

t.test('the golden file has every keyword of these blocks', (t) => {
  const printed = readFileSync('test/golden/config/virtual_server.ok', 'utf8');
  const words = new Set(printed.split(/\s+/));
  const blocks = [
    'SSL',
    'virtual_server_group',
    'virtual_server',
    'deny_address_group',
    'allow_address_group',
    'tunnel_group',
  ];
  const names = namesIn(keywordTree().filter(({ name }) => blocks.includes(name)));
  t.same(
    names.filter((name) => !words.has(name)),
    [],
  );
  t.ok(names.length > 200);
  t.end();
});
