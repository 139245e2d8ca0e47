import t from 'tap';
import type { CommandAs } from '../../src/config/command.js';
import type { Telling } from '../../src/config/telling.js';
import { checkText } from '../../src/health/service-mail.js';
import { serviceName } from '../../src/health/service-names.js';
import {
  type NotifiedServer,
  type NotifiedService,
  ServiceNotifier,
} from '../../src/health/service-notifier.js';
import { ipAddress } from '../../src/net/address.js';

const script = (word: string): CommandAs => ({ command: ['/s', word], user: null, group: null });

function server(host: number, parts: Partial<NotifiedServer> = {}): NotifiedServer {
  return {
    key: `server ${host}`,
    name: `[198.51.100.${host}]:tcp:8080`,
    startsUp: true,
    notification: {
      notifyUp: script(`up${host}`),
      notifyDown: script(`down${host}`),
      sendsMails: true,
    },
    ...parts,
  };
}

function service(parts: Partial<NotifiedService> = {}): NotifiedService {
  return {
    key: 'web',
    name: '[192.0.2.100]:tcp:80',
    tellsItsEnd: false,
    notification: {
      quorumUp: script('quorum up'),
      quorumDown: script('quorum down'),
      sendsMails: true,
    },
    servers: [server(1), server(2)],
    ...parts,
  };
}

const config = (services: readonly NotifiedService[], mailsEachChecker = true) => ({
  routerId: 'R1',
  mailsEachChecker,
  services,
});

/** One line for each, as an operator would see it. */
function words(tellings: readonly Telling[]): readonly string[] {
  return tellings.map((telling) => {
    if (telling.type === 'run_script') return `run ${telling.script.command.slice(1).join(' ')}`;
    if (telling.type === 'write_line') return telling.line;
    return `mail ${telling.subject}: ${telling.text}`;
  });
}

const tcp = (failure: string | null) => ({ checker: 'TCP_CHECK', failure }) as const;
const weights = { aliveWeight: 2, quorum: 1, hysteresis: 0, isStart: false };

t.test('a server goes and comes: its script, the line, the mail', (t) => {
  const notifier = new ServiceNotifier(config([service()]));
  const change = (isUp: boolean) =>
    words(
      notifier.happened({
        type: 'server_changed',
        serverKey: 'server 1',
        isUp,
        cause: tcp(isUp ? null : 'failed'),
      }),
    );
  t.same(change(true), [], 'it counts as up from the beginning');
  t.same(change(false), [
    'run down1',
    'RS [198.51.100.1]:tcp:8080 [192.0.2.100]:tcp:80 DOWN',
    'mail [R1] Realserver [198.51.100.1]:tcp:8080 of virtual server [192.0.2.100]:tcp:80 - DOWN: ' +
      '=> TCP CHECK failed on service <=',
  ]);
  t.same(change(false), [], 'told once');
  t.same(change(true), [
    'run up1',
    'RS [198.51.100.1]:tcp:8080 [192.0.2.100]:tcp:80 UP',
    'mail [R1] Realserver [198.51.100.1]:tcp:8080 of virtual server [192.0.2.100]:tcp:80 - UP: ' +
      '=> TCP CHECK succeed on service <=',
  ]);
  const unknown = { type: 'server_changed', serverKey: 'x', isUp: false, cause: tcp('') } as const;
  t.same(notifier.happened(unknown), []);
  t.end();
});

t.test('a service gains its quorum at the start, loses and gains it', (t) => {
  const notifier = new ServiceNotifier(config([service()]));
  const change = (isUp: boolean, cause: Partial<typeof weights> = {}) =>
    words(
      notifier.happened({
        type: 'quorum_changed',
        serviceKey: 'web',
        isUp,
        cause: { ...weights, ...cause },
      }),
    );
  const mail = (state: string) => `mail [R1] Virtualserver [192.0.2.100]:tcp:80 - ${state}: `;
  t.same(change(false), [], 'a service that starts without is not told of');
  t.same(change(true, { isStart: true }), [
    'run quorum up',
    'VS [192.0.2.100]:tcp:80 UP',
    `${mail('UP')}=> Starting with quorum up 1+0=1 <= 2 <=`,
  ]);
  t.same(change(true), []);
  t.same(change(false, { aliveWeight: 1, quorum: 3, hysteresis: 1 }), [
    'run quorum down',
    'VS [192.0.2.100]:tcp:80 DOWN',
    `${mail('DOWN')}=> Lost quorum 3-1=2 > 1 <=`,
  ]);
  t.same(change(true, { aliveWeight: 4, quorum: 3, hysteresis: 1 }), [
    'run quorum up',
    'VS [192.0.2.100]:tcp:80 UP',
    `${mail('UP')}=> Gained quorum 3+1=4 <= 4 <=`,
  ]);
  t.end();
});

t.test('nobody is told who does not want to be', (t) => {
  const silent = service({
    notification: { quorumUp: null, quorumDown: null, sendsMails: false },
    servers: [server(1, { notification: { notifyUp: null, notifyDown: null, sendsMails: false } })],
  });
  const notifier = new ServiceNotifier(config([silent]));
  const down = { type: 'server_changed', isUp: false, cause: tcp('failed') } as const;
  t.same(words(notifier.happened({ ...down, serverKey: 'server 1' })), [
    'RS [198.51.100.1]:tcp:8080 [192.0.2.100]:tcp:80 DOWN',
  ]);
  const gained = { type: 'quorum_changed', isUp: true, cause: weights } as const;
  t.same(words(notifier.happened({ ...gained, serviceKey: 'web' })), [
    'VS [192.0.2.100]:tcp:80 UP',
  ]);
  t.end();
});

t.test('a checker of a server that stays down is mailed, unless no_checker_emails', (t) => {
  const event = { type: 'checker_changed', serverKey: 'server 1', cause: tcp('failed') } as const;
  const down = { type: 'server_changed', serverKey: 'server 1', isUp: false } as const;
  for (const mailsEachChecker of [true, false]) {
    const notifier = new ServiceNotifier(config([service()], mailsEachChecker));
    notifier.happened({ ...down, cause: { checker: 'MISC_CHECK', failure: 'timed out' } });
    t.same(
      words(notifier.happened(event)).map((line) => line.replace(/.* - /, '')),
      mailsEachChecker ? ['DOWN: => TCP CHECK failed on service <='] : [],
    );
  }
  t.end();
});

t.test('a reload: what is gone goes down, servers before their service', (t) => {
  const other = service({
    key: 'dns',
    name: '[192.0.2.101]:udp:53',
    servers: [server(8), server(9)],
  });
  const notifier = new ServiceNotifier(config([service(), other]));
  for (const serviceKey of ['web', 'dns']) {
    notifier.happened({ type: 'quorum_changed', serviceKey, isUp: true, cause: weights });
  }
  const down = { type: 'server_changed', isUp: false, cause: tcp('failed') } as const;
  notifier.happened({ ...down, serverKey: 'server 9' });
  t.same(notifier.reconfigure(config([other, service()])), [], 'moved is not gone');
  t.same(words(notifier.reconfigure(config([service({ servers: [server(2), server(3)] })]))), [
    'run down8',
    'RS [198.51.100.8]:tcp:8080 [192.0.2.101]:udp:53 DOWN',
    'mail [R1] Realserver [198.51.100.8]:tcp:8080 of virtual server [192.0.2.101]:udp:53 - DOWN: ' +
      '=> Removing <=',
    'run quorum down',
    'VS [192.0.2.101]:udp:53 DOWN',
    'run down1',
    'RS [198.51.100.1]:tcp:8080 [192.0.2.100]:tcp:80 DOWN',
    'mail [R1] Realserver [198.51.100.1]:tcp:8080 of virtual server [192.0.2.100]:tcp:80 - DOWN: ' +
      '=> Removing <=',
  ]);
  t.same(words(notifier.reconfigure(config([]))).length, 8, 'the new one was up as well');
  t.same(notifier.stopped(), []);
  t.end();
});

t.test('the end: services with omega go down with what is up of them, without mails', (t) => {
  const quiet = service({ key: 'quiet', servers: [server(7)] });
  const notifier = new ServiceNotifier(config([service({ tellsItsEnd: true }), quiet]));
  for (const serviceKey of ['web', 'quiet']) {
    notifier.happened({ type: 'quorum_changed', serviceKey, isUp: true, cause: weights });
  }
  const down = { type: 'server_changed', isUp: false, cause: tcp('failed') } as const;
  notifier.happened({ ...down, serverKey: 'server 1' });
  t.same(words(notifier.stopped()), [
    'run down2',
    'RS [198.51.100.2]:tcp:8080 [192.0.2.100]:tcp:80 DOWN',
    'run quorum down',
    'VS [192.0.2.100]:tcp:80 DOWN',
  ]);
  t.end();
});

t.test("names and texts are keepalived's", (t) => {
  const named = { protocol: 'TCP', endpoints: [{ address: ipAddress('192.0.2.1'), port: 80 }] };
  const name = (parts: object) => serviceName({ ...named, name: 'x', ...parts } as never);
  t.equal(name({}), '[192.0.2.1]:tcp:80');
  t.equal(name({ name: 'group web' }), '[web]:0');
  t.equal(name({ name: 'match out', endpoints: [] }), '[match out]');
  const misc = (failure: string | null) => checkText({ checker: 'MISC_CHECK', failure });
  t.equal(misc(null), 'MISC CHECK succeeded on service');
  t.equal(misc('failed (exited with status 1)'), 'MISC CHECK failed on service');
  t.equal(misc('timed out'), 'MISC CHECK timed out on service');
  t.equal(checkText({ checker: 'SMTP_CHECK', failure: null }), 'CHECK succeed on service');
  t.equal(
    checkText({ checker: 'SMTP_CHECK', failure: 'failed: Read timeout from server [::1]:25' }),
    'CHECK failed on service : Read timeout from server [::1]:25',
  );
  t.end();
});
