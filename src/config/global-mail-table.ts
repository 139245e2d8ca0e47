// The keywords of global_defs about mail alerts.
import { clamped, wholeSeconds } from './bounds.js';
import { flag, lines, setting } from './keywords.js';
import { mailServer } from './mail-server.js';
import { many, onOff, optional } from './phrases.js';
import { text } from './text.js';
import { needed } from './word-count.js';

const mailAddress = text('ADDRESS');

export const globalMailTable = {
  notification_email: lines('Mail addresses that alerts go to.', many(mailAddress)),
  notification_email_from: setting('Sender of mail alerts.', needed(mailAddress), {
    defaultText: 'USER@HOST of the daemon',
  }),
  smtp_server: setting('Mail server that takes the alerts.', mailServer),
  smtp_helo_name: setting(
    'Name under which the daemon greets the mail server.',
    optional(text('STRING'), null),
    { defaultText: 'the host name' },
  ),
  smtp_connect_timeout: setting(
    'How long connecting to the mail server may take.',
    clamped(wholeSeconds(0, 4294), 1000),
    { fallback: 30_000 },
  ),
  smtp_alert: setting('Mail changes of state unless a block says otherwise.', onOff, {
    defaultText: 'on for real servers, off for all others',
  }),
  smtp_alert_vrrp: setting(
    'Mail changes of VRRP instances and sync groups unless they say otherwise.',
    onOff,
    {
      defaultText: 'as smtp_alert',
    },
  ),
  smtp_alert_checker: setting(
    'Mail changes of virtual and real servers unless they say otherwise.',
    onOff,
    {
      defaultText: 'as smtp_alert',
    },
  ),
  no_email_faults: flag('Do not mail when a VRRP instance goes to FAULT.'),
  no_checker_emails: setting('Mail when a real server comes or goes, not of each checker.', onOff, {
    fallback: false,
  }),
};
