import t from 'tap';
import { configOf, notices } from './text.js';

const text = (globals: string, service: string, server: string) => `global_defs {
${globals}
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
${service}
real_server 10.0.0.2 80 {
${server}
}
}
`;

function read(globals: string, service = '', server = '') {
  const [found] = configOf(text(globals, service, server)).config.virtualServers;
  return { service: found?.notification, server: found?.realServers[0]?.notification };
}

t.test('scripts of services and servers', (t) => {
  t.match(read(''), {
    service: { quorumUp: null, quorumDown: null },
    server: { notifyUp: null, notifyDown: null },
  });
  const service = 'quorum_up "/q up"\nquorum_down "/q down" nobody nogroup';
  const server = 'notify_up "/n up \'two words\'"\nnotify_down /n';
  t.match(read('', service, server), {
    service: {
      quorumUp: { command: ['/q', 'up'], user: null, group: null },
      quorumDown: { command: ['/q', 'down'], user: 'nobody', group: 'nogroup' },
    },
    server: {
      notifyUp: { command: ['/n', 'up', 'two words'] },
      notifyDown: { command: ['/n'] },
    },
  });
  const lines = notices(text('', service, `${server}\nsmtp_alert off`));
  t.same(
    lines.filter((line) => /notify_up|quorum_down|smtp_alert/.test(line) && /acted/.test(line)),
    [],
  );
  t.end();
});

t.test('mails: the block, else smtp_alert_checker, else smtp_alert, else servers alone', (t) => {
  const mails = (globals: string, service = '', server = '') => {
    const found = read(globals, service, server);
    return [found.service?.sendsMails, found.server?.sendsMails];
  };
  t.same(mails(''), [false, true]);
  t.same(mails('smtp_alert'), [true, true]);
  t.same(mails('smtp_alert off'), [false, false]);
  t.same(mails('smtp_alert off\nsmtp_alert_checker on'), [true, true]);
  t.same(mails('smtp_alert on\nsmtp_alert_checker off'), [false, false]);
  t.same(mails('smtp_alert_checker off', 'smtp_alert', 'smtp_alert'), [true, true]);
  t.same(mails('smtp_alert_checker on', 'smtp_alert off', 'smtp_alert off'), [false, false]);
  t.same(mails('no_checker_emails'), [false, true], 'it is about single checkers');
  t.end();
});
