import t from 'tap';
import { withoutRefusedChecks } from '../../src/config/refused-checks.js';
import type { ScriptHost } from '../../src/ports/script-host.js';
import { configOf, notices } from './text.js';

const text = (check: string, around = '') => `global_defs {
enable_script_security
}
dataplane {
port a {
device net_null
}
}
local_address_group lips {
10.0.0.9 a
}
virtual_server 10.0.0.1 80 {
lb_kind FNAT
laddr_group_name lips
delay_loop 7
${around}
real_server 10.0.0.2 8080 {
weight 3
${check}
}
}
`;

function checkersOf(check: string, around = '') {
  const { config } = configOf(text(check, around));
  return config.virtualServers[0]?.realServers[0]?.checkers;
}

t.test('MISC_CHECK has its own defaults, and knows its server', (t) => {
  t.same(checkersOf('MISC_CHECK {\nmisc_path "/bin/true \'two words\'"\n}'), [
    {
      type: 'MISC_CHECK',
      script: { command: ['/bin/true', 'two words'], user: null, group: null },
      timeoutMs: 7000,
      isDynamic: false,
      server: { address: '10.0.0.2', port: 8080 },
      weight: 3,
      startsDown: false,
      logsAllFailures: false,
      retry: 0,
      delayBeforeRetryMs: 1000,
      delayLoopMs: 7000,
      warmupMs: 7000,
    },
  ]);
  const all =
    'misc_path /bin/x\nmisc_timeout 4\nmisc_dynamic\nuser nobody nogroup\nretry 2\nalpha\n';
  t.match(checkersOf(`MISC_CHECK {\n${all}delay_loop 9\n}`), [
    {
      script: { command: ['/bin/x'], user: 'nobody', group: 'nogroup' },
      timeoutMs: 4000,
      isDynamic: true,
      retry: 2,
      startsDown: true,
      delayLoopMs: 9000,
    },
  ]);
  t.match(checkersOf('MISC_CHECK {\nmisc_path /bin/x\nmisc_timeout 0\n}'), [{ timeoutMs: 7000 }]);
  t.match(checkersOf('MISC_CHECK {\nmisc_path /bin/x\n}', 'retry 5'), [{ retry: 5 }]);
  t.same(checkersOf('MISC_CHECK {\nmisc_timeout 3\n}'), [], 'without a program it is left out');
  const mixed = 'MISC_CHECK {\nmisc_path /bin/x\n}\nTCP_CHECK {\n}\nMISC_CHECK {\nmisc_path /y\n}';
  t.same(
    checkersOf(mixed)?.map(({ type }) => type),
    ['TCP_CHECK', 'MISC_CHECK', 'MISC_CHECK'],
    'kind by kind',
  );
  t.same(
    notices(text('MISC_CHECK {\nmisc_path /bin/true\n}')).filter((line) => /MISC/.test(line)),
    [],
  );
  t.end();
});

t.test('a script that is not there or not safe takes its check away, and is named', (t) => {
  const host: ScriptHost = {
    idsOf: (user) => (user === 'nobody' ? { uid: 9, gid: 9 } : { uid: 0, gid: 0 }),
    safetyOf: (program) => {
      if (program === '/none') return { type: 'missing' };
      if (program === '/tmp/x') return { type: 'unsafe', component: '/tmp' };
      return { type: 'safe' };
    },
  };
  const check = (path: string, more = '') => `MISC_CHECK {\nmisc_path ${path}\n${more}\n}\n`;
  const checks = [
    check('/none'),
    check('/none', 'misc_timeout 3'),
    check('/tmp/x'),
    check('/tmp/x', 'user nobody'),
    check('/bin/true'),
    'TCP_CHECK {\n}\n',
  ];
  const { config } = configOf(text(checks.join('')));
  const allowed = withoutRefusedChecks(config, host);
  t.match(allowed.config.virtualServers[0]?.realServers[0]?.checkers, [
    { type: 'TCP_CHECK' },
    { script: { command: ['/tmp/x'], user: 'nobody' } },
    { script: { command: ['/bin/true'] } },
  ]);
  t.match(allowed.refusals, [
    'MISC_CHECK is left out: there is no program /none to run',
    /^MISC_CHECK is left out: Unsafe permissions found for script '\/tmp\/x'/,
  ]);
  t.end();
});
