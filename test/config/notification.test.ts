import t from 'tap';
import { configOf, notices } from './text.js';

const instance = (lines: string, name = 'V') => `vrrp_instance ${name} {
interface eth0
virtual_router_id ${name.length}
virtual_ipaddress {
192.0.2.${name.length}
}
${lines}
}
`;
const globals = (lines: string) => `global_defs {\n${lines}\n}\n`;

function mails(globalLines: string, own = ''): boolean | undefined {
  const { config } = configOf(globals(globalLines) + instance(own));
  return config.vrrpInstances[0]?.notification.sendsMails;
}

t.test('scripts of an instance and of a group', (t) => {
  const text = `vrrp_sync_group G {
group {
V
VV
}
notify_fault "/bin/fault a" nobody nogroup
notify_priority_changes
}
${instance('notify "/bin/tell it"\nnotify_deleted /bin/gone\nnotify_master_rx_lower_pri /bin/low')}
${instance('', 'VV')}`;
  const { config } = configOf(text);
  const [first, second] = config.vrrpInstances.map(({ notification }) => notification);
  const command = (...words: string[]) => ({ command: words, user: null, group: null });
  t.same(first?.scripts, {
    any: command('/bin/tell', 'it'),
    master: null,
    backup: null,
    fault: null,
    stop: null,
    deleted: command('/bin/gone'),
    masterHeardLowerPriority: command('/bin/low'),
  });
  t.match(second, { scripts: { any: null }, sendsMails: false, tellsPriorities: false });
  t.match(config.syncGroups, [
    {
      name: 'G',
      members: ['V', 'VV'],
      notification: {
        scripts: { fault: { command: ['/bin/fault', 'a'], user: 'nobody', group: 'nogroup' } },
        tellsPriorities: true,
      },
    },
  ]);
  t.notMatch(notices(text).join('\n'), /notify/, 'they are acted on');
  t.end();
});

t.test('who gets mails: the instance, smtp_alert_vrrp, smtp_alert, in this order', (t) => {
  t.equal(mails(''), false);
  t.equal(mails('smtp_alert'), true);
  t.equal(mails('smtp_alert\nsmtp_alert_vrrp off'), false);
  t.equal(mails('smtp_alert_vrrp'), true);
  t.equal(mails('smtp_alert_vrrp off', 'smtp_alert'), true);
  t.equal(mails('smtp_alert', 'smtp_alert off'), false);
  t.end();
});

t.test('the mail server and its defaults', (t) => {
  t.equal(configOf(globals('smtp_server 192.0.2.5')).config.notification.mail, null, 'to nobody');
  const to = 'notification_email {\na@example.com\nb@example.com\n}\n';
  t.same(configOf(globals(to)).config.notification.mail, {
    server: { host: '127.0.0.1', port: 25 },
    recipients: ['a@example.com', 'b@example.com'],
    sender: null,
    heloName: null,
    connectTimeoutMs: 30_000,
    mailsFaults: true,
  });
  const all = `${to}smtp_server mail.example.com 2525\nsmtp_helo_name lb\nsmtp_connect_timeout 3
notification_email_from lb@example.com\nno_email_faults`;
  t.match(configOf(globals(all)).config.notification.mail, {
    server: { host: 'mail.example.com', port: 2525 },
    sender: 'lb@example.com',
    heloName: 'lb',
    connectTimeoutMs: 3_000,
    mailsFaults: false,
  });
  t.end();
});

t.test('FIFOs and the security of scripts', (t) => {
  const { notification } = configOf(
    globals(`enable_script_security
script_user nobody nogroup
notify_fifo /run/all
vrrp_notify_fifo /run/vrrp nobody
vrrp_notify_fifo_script "/bin/read it" root
lvs_notify_fifo /run/all
fifo_write_vrrp_states_on_reload`),
  ).config;
  t.same(notification.scripts, { isSecure: true, owner: { user: 'nobody', group: 'nogroup' } });
  t.same(notification.fifos, [
    { carries: 'everything', path: '/run/all', owner: null, script: null },
    {
      carries: 'vrrp',
      path: '/run/vrrp',
      owner: { user: 'nobody', group: null },
      script: { command: ['/bin/read', 'it'], user: 'root', group: null },
    },
  ]);
  t.equal(notification.tellsStatesOnReload, true);
  t.same(configOf('').config.notification, {
    scripts: { isSecure: false, owner: null },
    fifos: [],
    tellsStatesOnReload: false,
    mail: null,
    mailsEachChecker: true,
  });
  const few = configOf(globals('no_checker_emails')).config.notification;
  t.equal(few.mailsEachChecker, false);
  t.end();
});
