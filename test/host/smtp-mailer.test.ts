import t, { type Test } from 'tap';
import { HostClock } from '../../src/host/clock.js';
import { bareAddress, mailMessage } from '../../src/host/mail-message.js';
import { SmtpMailer } from '../../src/host/smtp-mailer.js';
import { describeMailError, type Mail, type MailRoute } from '../../src/ports/mailer.js';
import { type Answers, SmtpServer } from './smtp-server.js';

const now = new Date(2026, 10, 21, 19, 7, 5);
const mail: Mail = { subject: '[lab] VRRP Instance V - Stopping', text: '=> stopping <=' };
const route: MailRoute = {
  host: '127.0.0.1',
  port: 25,
  heloName: 'lb1',
  sender: 'Balancer <lb@example.com>',
  recipients: ['one@example.com', 'two@example.com'],
  timeoutMs: 5_000,
};

async function sent(t: Test, answers: Answers, changes: Partial<Mail & MailRoute> = {}) {
  const server = new SmtpServer(answers);
  t.teardown(() => server.close());
  const port = await server.listen();
  const mailer = new SmtpMailer(new HostClock(), () => now);
  const result = await mailer.send({ ...mail, ...changes }, { ...route, port, ...changes });
  const said = result.match(
    () => 'sent',
    (error) => describeMailError(error).replace(String(port), 'PORT'),
  );
  return { said, lines: server.lines };
}

t.test('a mail as keepalived writes it', async (t) => {
  const { said, lines } = await sent(t, { EHLO: '250-here\r\n250-SIZE 1000\r\n250 HELP' });
  t.equal(said, 'sent');
  t.same(
    lines.map((line) => line.replace(/ [+-]\d{4}$/, ' ZONE')),
    [
      'EHLO lb1',
      'MAIL FROM:<lb@example.com>',
      'RCPT TO:<one@example.com>',
      'RCPT TO:<two@example.com>',
      'DATA',
      'Date: Sat, 21 Nov 2026 19:07:05 ZONE',
      'From: Balancer <lb@example.com>',
      'Subject: [lab] VRRP Instance V - Stopping',
      'X-Mailer: Keepalived',
      'To: one@example.com, two@example.com',
      '',
      '=> stopping <=',
      '',
      '.',
      'QUIT',
    ],
  );
});

t.test('servers of all kinds', async (t) => {
  const old = await sent(t, { EHLO: '502 what?' });
  t.equal(old.said, 'sent');
  t.same(old.lines.slice(0, 2), ['EHLO lb1', 'HELO lb1']);
  t.equal(
    (await sent(t, { 'RCPT TO:<one@example.com>': '550 who?' })).said,
    'sent',
    'one is enough',
  );
  const cases: readonly (readonly [Answers, string])[] = [
    [{ GREETING: '554 go away' }, 'no greeting: 554 go away'],
    [{ GREETING: 'SSH-2.0-x' }, 'no greeting: the server does not speak SMTP'],
    [{ GREETING: `220-${'x'.repeat(20_000)}` }, 'no greeting: the answer is too long'],
    [{ EHLO: '421 later' }, 'our greeting was not taken: 421 later'],
    [{ EHLO: '500 no', HELO: '550 neither' }, 'our greeting was not taken: 550 neither'],
    [{ MAIL: '553 no' }, 'the sender was not taken: 553 no'],
    [{ RCPT: '550 who?' }, 'no recipient was taken: 550 who?'],
    [{ DATA: '451 no' }, 'the text was not taken: 451 no'],
    [{ '.': '552 full' }, 'the mail was not taken: 552 full'],
  ];
  for (const [answers, reason] of cases) {
    t.equal((await sent(t, answers)).said, `cannot send a mail by [127.0.0.1]:PORT: ${reason}`);
  }
  const silent = await sent(t, { MAIL: null }, { timeoutMs: 100 });
  t.match(silent.said, /the sender was not taken: no answer within 0\.1 s$/);
  const refused = await new SmtpMailer(new HostClock()).send(mail, { ...route, port: 1 });
  t.match(describeMailError(refused._unsafeUnwrapErr()), /Connection refused/);
});

t.test('names cannot forge lines', async (t) => {
  const { lines } = await sent(
    t,
    {},
    {
      subject: 'one\r\nBcc: x@example.com',
      text: '.\n..\nend',
      heloName: 'a\r\nRSET',
      sender: 'a>\r\nRSET@b',
      recipients: ['x\r\nQUIT@y'],
    },
  );
  t.equal(lines[0], 'EHLO aRSET');
  t.same(lines.slice(1, 3), ['MAIL FROM:<aRSET@b>', 'RCPT TO:<xQUIT@y>']);
  t.ok(lines.includes('Subject: one Bcc: x@example.com'));
  t.same(lines.slice(-6), ['..', '...', 'end', '', '.', 'QUIT'], 'dots are stuffed');
  t.equal(bareAddress('A B <a@b.example>'), 'a@b.example');
  const long = mailMessage({ subject: 'größe '.repeat(20), text: 'x'.repeat(2000) }, route, now);
  for (const line of long.split('\r\n')) t.ok(line.length < 998, 'short enough');
  const subject = /Subject: (.*\r\n(?: .*\r\n)*)/.exec(long)?.[1] ?? '';
  const words = [...subject.matchAll(/=\?UTF-8\?B\?([^?]*)\?=/g)];
  const text = words.map(([, word = '']) => Buffer.from(word, 'base64').toString()).join('');
  t.equal(text, 'größe '.repeat(20));
});
