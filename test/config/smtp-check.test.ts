import t from 'tap';
import { configOf, notices } from './text.js';

const text = (check: string, port = ' 2525') => `dataplane {
port a {
device net_null
}
}
local_address_group lips {
10.0.0.9 a
}
virtual_server 10.0.0.1 25 {
lb_kind FNAT
laddr_group_name lips
real_server 10.0.0.2${port} {
SMTP_CHECK {
${check}
}
}
}
`;

function checkOf(check: string, port?: string) {
  return configOf(text(check, port)).config.virtualServers[0]?.realServers[0]?.checkers[0];
}

t.test('SMTP_CHECK greets its server, or each of its hosts', (t) => {
  t.match(checkOf(''), {
    type: 'SMTP_CHECK',
    target: { address: '10.0.0.2', port: 2525 },
    heloName: 'smtpchecker.keepalived.org',
    hosts: [],
    retry: 1,
    connectTimeoutMs: 5000,
  });
  t.match(checkOf('', ''), { target: { port: 25 } }, 'a server for every port');
  const hosts = `helo_name me
connect_port 26
bindto 10.0.0.7
fwmark 3
connect_timeout 2
host {
connect_ip 10.0.0.3
}
host {
connect_ip 10.0.0.4
connect_port 27
bindto 10.0.0.8
fwmark 0
connect_timeout 4
}`;
  t.match(checkOf(hosts), {
    heloName: 'me',
    hosts: [
      {
        target: { address: '10.0.0.3', port: 26 },
        source: '10.0.0.7',
        mark: 3,
        connectTimeoutMs: 2000,
      },
      {
        target: { address: '10.0.0.4', port: 27 },
        source: '10.0.0.8',
        mark: 0,
        connectTimeoutMs: 4000,
      },
    ],
  });
  t.same(
    notices(text('host {\nconnect_port 27\nretry 3\n}')).filter((line) => line.includes('host')),
    ['16:1: notice: "host retry" is accepted but not acted on'],
  );
  t.end();
});
