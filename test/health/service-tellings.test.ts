import t from 'tap';
import type { Checker } from '../../src/config/checkers/checkers.js';
import type { CommandAs } from '../../src/config/command.js';
import type { Telling } from '../../src/config/telling.js';
import type { RealServer, VirtualServer } from '../../src/config/virtual-server.js';
import { ServiceBook } from '../../src/health/service-book.js';
import { causeText } from '../../src/health/service-mail.js';
import { type ServiceNews, serviceText } from '../../src/health/service-news.js';
import { tellingsOf } from '../../src/health/service-tellings.js';
import { targetsOf } from '../../src/health/targets.js';
import { configOf, realServer, virtualServer } from '../dataplane/examples.js';
import { tcpCheck } from './examples.js';
import { smtpCheck } from './smtp-check.js';

const up = { isUp: true, weightChange: 0 };
const down = { isUp: false, weightChange: 0 };
const script = (words: string): CommandAs => ({ command: ['/s', words], user: null, group: null });

function server(host: number, parts: Partial<RealServer> = {}): RealServer {
  return realServer(`198.51.100.${host}:8080`, {
    checkers: [tcpCheck(), tcpCheck({ mark: 1 })],
    notification: {
      notifyUp: script(`up${host}`),
      notifyDown: script(`down${host}`),
      sendsMails: true,
    },
    ...parts,
  });
}

function service(servers: readonly RealServer[], parts: Partial<VirtualServer> = {}) {
  return virtualServer('192.0.2.100:80', servers, {
    notification: {
      quorumUp: script('quorum up'),
      quorumDown: script('quorum down'),
      sendsMails: true,
    },
    ...parts,
  });
}

/** One line for each, as an operator would see it. */
function words(news: readonly ServiceNews[], mailsEachChecker = true): readonly string[] {
  const choices = { routerId: 'R1', mailsEachChecker };
  return news.flatMap((one) => tellingsOf(one, choices)).map(wordsOf);
}

function wordsOf(telling: Telling): string {
  if (telling.type === 'run_script') return `run ${telling.script.command.slice(1).join(' ')}`;
  if (telling.type === 'write_line') return telling.line;
  return `mail ${telling.subject}: ${telling.text}`;
}

function book(of: VirtualServer) {
  const config = configOf({ virtualServers: [of] });
  const ids = targetsOf(config).map(({ id }) => id);
  const one = new ServiceBook(config.virtualServers, null, 0);
  const record = (index: number, verdict: typeof up, mailsEachChecker = true) =>
    words(one.record(ids[index] ?? '', verdict, 0), mailsEachChecker);
  return { one, record };
}

const vs = '[192.0.2.100]:tcp:80';
const rs = (host: number) => `[198.51.100.${host}]:tcp:8080`;
const mail = (host: number, state: string) =>
  `mail [R1] Realserver ${rs(host)} of virtual server ${vs} - ${state}: `;
const webFailed = 'CHECK failed on service : HTTP request failed';
const miscSucceeded = 'MISC CHECK succeeded on service';
const quorumMail = (state: string) => `mail [R1] Virtualserver ${vs} - ${state}: `;

t.test('from start to quorum lost, as keepalived tells it', (t) => {
  const { one, record } = book(service([server(1), server(2)]));
  t.same(words(one.begin()), [
    'run quorum up',
    `VS ${vs} UP`,
    `${quorumMail('UP')}=> Starting with quorum up 1+0=1 <= 2 <=`,
  ]);
  t.same(record(0, down), [
    'run down1',
    `RS ${rs(1)} ${vs} DOWN`,
    `${mail(1, 'DOWN')}=> TCP CHECK failed on service <=`,
  ]);
  t.same(record(2, down), [
    'run down2',
    `RS ${rs(2)} ${vs} DOWN`,
    `${mail(2, 'DOWN')}=> TCP CHECK failed on service <=`,
    'run quorum down',
    `VS ${vs} DOWN`,
    `${quorumMail('DOWN')}=> Lost quorum 1-0=1 > 0 <=`,
  ]);
  t.same(record(2, up), [
    'run up2',
    `RS ${rs(2)} ${vs} UP`,
    `${mail(2, 'UP')}=> TCP CHECK succeed on service <=`,
    'run quorum up',
    `VS ${vs} UP`,
    `${quorumMail('UP')}=> Gained quorum 1+0=1 <= 1 <=`,
  ]);
  t.end();
});

t.test('a checker of a server that stays as it is: a mail, unless no_checker_emails', (t) => {
  const { one, record } = book(service([server(1)]));
  one.begin();
  record(0, down);
  t.same(record(1, down), [`${mail(1, 'DOWN')}=> TCP CHECK failed on service <=`]);
  t.same(record(1, up), [`${mail(1, 'DOWN')}=> TCP CHECK succeed on service <=`]);
  t.same(record(1, down, false), []);
  t.same(record(1, down), [], 'told once');
  t.end();
});

t.test('nobody is told who does not want to be', (t) => {
  const silent = { notifyUp: null, notifyDown: null, sendsMails: false };
  const quiet = { quorumUp: null, quorumDown: null, sendsMails: false };
  const { one, record } = book(
    service([server(1, { notification: silent })], { notification: quiet }),
  );
  t.same(words(one.begin()), [`VS ${vs} UP`]);
  t.same(record(0, down), [`RS ${rs(1)} ${vs} DOWN`, `VS ${vs} DOWN`]);
  t.same(record(1, down), []);
  t.end();
});

t.test('a service that starts without its quorum is told of when it gains it', (t) => {
  const checkers = [tcpCheck({ startsDown: true })];
  const { one, record } = book(service([server(1, { checkers })]));
  t.same(words(one.begin()), []);
  t.equal(
    record(0, up)
      .filter((line) => line.startsWith('VS'))
      .join(),
    `VS ${vs} UP`,
  );
  t.end();
});

t.test('the end, with omega, and a reload that takes away', (t) => {
  const end = (tellsItsEnd: boolean, next: ServiceBook | null) => {
    const { one, record } = book(service([server(1), server(2)], { tellsItsEnd }));
    one.begin();
    record(0, down);
    return words(one.farewell(next));
  };
  t.same(end(false, null), []);
  t.same(
    end(true, null),
    ['run down2', `RS ${rs(2)} ${vs} DOWN`, 'run quorum down', `VS ${vs} DOWN`],
    'without mails, and nothing of what is down already',
  );
  t.same(end(false, new ServiceBook([], null, 0)), [
    'run down2',
    `RS ${rs(2)} ${vs} DOWN`,
    `${mail(2, 'DOWN')}=> Removing <=`,
    'run quorum down',
    `VS ${vs} DOWN`,
    `${quorumMail('DOWN')}=> Lost quorum 1-0=1 > 0 <=`,
  ]);
  t.end();
});

t.test("names and texts are keepalived's", (t) => {
  const name = (parts: Partial<VirtualServer>) => serviceText(service([], parts));
  t.equal(name({}), vs);
  t.equal(name({ name: 'group web' }), '[web]:0');
  t.equal(name({ name: 'match out', endpoints: [] }), '[match out]');
  t.end();
});

t.test("mails say why a check failed as far as keepalived 2.2.7's do", (t) => {
  const greeting = 'Bad greeting banner from server [192.0.2.5]:25';
  const cases: readonly [Checker['type'], string | undefined, string, string][] = [
    ['TCP_CHECK', undefined, 'TCP CHECK failed on service', 'TCP CHECK succeed on service'],
    ['UDP_CHECK', undefined, 'UDP CHECK failed on service', 'UDP CHECK succeed on service'],
    ['PING_CHECK', undefined, 'ICMP CHECK failed on service', 'ICMP CHECK succeed on service'],
    ['DNS_CHECK', undefined, 'DNS_CHECK: failed on service', 'DNS_CHECK: succeed on service'],
    ['HTTP_GET', undefined, webFailed, 'CHECK succeed on service'],
    ['SSL_GET', undefined, webFailed, 'CHECK succeed on service'],
    ['SMTP_CHECK', undefined, 'CHECK failed on service', 'CHECK succeed on service'],
    ['SMTP_CHECK', greeting, `CHECK failed on service : ${greeting}`, 'CHECK succeed on service'],
    ['MISC_CHECK', undefined, 'MISC CHECK failed on service', 'MISC CHECK succeeded on service'],
    ['MISC_CHECK', 'timed out', 'MISC CHECK timed out on service', miscSucceeded],
  ];
  for (const [kind, reason, failed, succeeded] of cases) {
    t.equal(causeText(kind, false, reason), failed);
    t.equal(causeText(kind, true), succeeded);
  }
  t.equal(causeText('BFD_CHECK', false, 'tor'), 'BFD CHECK tor failed on service');
  t.equal(causeText('BFD_CHECK', true, 'tor'), 'BFD CHECK tor succeeded on service');
  t.end();
});

t.test('the reason of a verdict is in the mail of its server, or of its checker', (t) => {
  const { one, record } = book(service([server(1, { checkers: [smtpCheck(), smtpCheck()] })]));
  one.begin();
  const why = { ...down, mailReason: 'Read timeout from server [192.0.2.5]:25' };
  const text = `=> CHECK failed on service : ${why.mailReason} <=`;
  t.equal(record(0, why)[2], `${mail(1, 'DOWN')}${text}`);
  t.same(record(1, why), [`${mail(1, 'DOWN')}${text}`]);
  t.same(record(0, up), [`${mail(1, 'DOWN')}=> CHECK succeed on service <=`]);
  t.equal(record(1, up)[2], `${mail(1, 'UP')}=> CHECK succeed on service <=`);
  t.end();
});
