import { err, ok } from 'neverthrow';
import t from 'tap';
import type { Config } from '../../src/config/config.js';
import type { FifoConfig, GlobalNotification } from '../../src/config/notification.js';
import { Notifying } from '../../src/daemon/notifying.js';
import type { NotifiedFact } from '../../src/ha/notification/vrrp-notifier.js';
import type { CommandEnd, CommandLine } from '../../src/ports/command-runner.js';
import type { Mail, MailRoute } from '../../src/ports/mailer.js';
import { silentGlobals } from '../config/silence.js';
import { realServer, virtualServer } from '../dataplane/examples.js';
import { SimulatedClock } from '../sim/clock.js';
import { sampleConfig, sampleInstance } from './sample-config.js';

/** Commands that end when the test says so. */
class Runner {
  readonly running: { readonly words: string; readonly end: (end: CommandEnd) => void }[] = [];
  isEnded = false;

  run({ words }: CommandLine): Promise<CommandEnd> {
    return new Promise((end) => this.running.push({ words: words.join(' '), end }));
  }

  async settled(): Promise<void> {}

  async end(): Promise<void> {
    this.isEnded = true;
  }
}

class Stage {
  readonly clock = new SimulatedClock();
  readonly logged: string[] = [];
  readonly commands = new Runner();
  readonly readers: Runner[] = [];
  /** By path: what was written; null: it takes no more. */
  readonly fifos = new Map<string, string[]>();
  readonly full = new Set<string>();
  readonly mails: { readonly mail: Mail; readonly route: MailRoute }[] = [];
  readonly closed: string[] = [];
  mailReason: string | null = null;
  /** Set: mails wait until it is called. */
  holdsMails = false;
  sendNext: () => void = () => {};

  readonly notifying = new Notifying({
    clock: this.clock,
    log: { write: (level, line) => this.logged.push(`${level}: ${line}`) },
    commands: this.commands,
    newRunner: () => {
      const runner = new Runner();
      this.readers.push(runner);
      return runner;
    },
    fifos: {
      open: (path) => {
        if (path === '/bad') return err({ type: 'fifo.failed', path, reason: 'no such folder' });
        const lines: string[] = [];
        this.fifos.set(path, lines);
        return ok({
          write: (line: string) => {
            if (this.full.has(path)) return false;
            lines.push(line);
            return true;
          },
          close: () => this.closed.push(path),
        });
      },
    },
    mailer: {
      send: async (mail, route) => {
        this.mails.push({ mail, route });
        if (this.holdsMails) {
          await new Promise<void>((resolve) => {
            this.sendNext = resolve;
          });
        }
        if (this.mailReason === null) return ok(undefined);
        return err({ type: 'mail.failed', server: 'mail', reason: this.mailReason });
      },
    },
    scriptHost: {
      idsOf: (user) => (user === 'root' ? { uid: 0, gid: 0 } : null),
      safetyOf: (program) =>
        program.startsWith('/tmp') ? { type: 'unsafe', component: '/tmp' } : { type: 'safe' },
    },
    hostName: 'host',
    userName: 'user',
  });

  tell(state: NotifiedFact['state'], priority = 100): void {
    this.notifying.vrrpChanged([{ instance: 'V_1', state, priority }]);
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

const fifo = (path: string, carries: FifoConfig['carries'], reader?: string): FifoConfig => ({
  carries,
  path,
  owner: null,
  script: reader === undefined ? null : { command: [reader], user: null, group: null },
});

function configWith(
  changes: Partial<GlobalNotification>,
  any: string | null = '/bin/tell',
): Config {
  const { notification } = sampleInstance;
  const script = any === null ? null : ({ command: [any], user: null, group: null } as const);
  const scripts = { ...notification.scripts, any: script };
  const instance = {
    ...sampleInstance,
    notification: { ...notification, scripts, sendsMails: true },
  };
  return {
    ...sampleConfig,
    vrrpInstances: [instance],
    notification: { ...silentGlobals, ...changes },
  };
}

const mail = {
  server: { host: '192.0.2.25', port: 25 },
  recipients: ['one@example.com'],
  sender: null,
  heloName: null,
  connectTimeoutMs: 3_000,
  mailsFaults: true,
};

t.test('scripts, FIFOs and mails are told, each what it carries', async (t) => {
  const stage = new Stage();
  const fifos = [fifo('/all', 'everything'), fifo('/vrrp', 'vrrp'), fifo('/lvs', 'services')];
  stage.tell('BACKUP');
  t.same(stage.commands.running, [], 'before there is a configuration nobody is told');
  stage.notifying.configure(configWith({ fifos, mail }), true);
  stage.tell('BACKUP');
  stage.tell('BACKUP');
  const server = '[198.51.100.1]:tcp:8080';
  const realServers = [realServer('198.51.100.1:8080')];
  const service = virtualServer('192.0.2.1:80', realServers);
  stage.notifying.servicesChanged(
    realServers.map((one) => ({
      type: 'server_changed',
      service,
      server: one,
      isUp: false,
      cause: 'TCP_CHECK',
    })),
  );
  stage.notifying.lowerPriorityHeard('V_1');
  await stage.settle();
  const vrrp = ['INSTANCE "V_1" BACKUP 100', 'INSTANCE "V_1" MASTER_RX_LOWER_PRI 100'];
  const servers = 'RS [198.51.100.1]:tcp:8080 [192.0.2.1]:tcp:80 DOWN';
  t.same(stage.fifos.get('/all'), [vrrp[0], servers, vrrp[1]]);
  t.same(stage.fifos.get('/vrrp'), vrrp);
  t.same(stage.fifos.get('/lvs'), [servers]);
  t.same(
    stage.commands.running.map(({ words }) => words),
    ['/bin/tell INSTANCE V_1 BACKUP 100'],
  );
  t.match(stage.mails, [
    {
      mail: { subject: '[lb1] VRRP Instance V_1 - Entering BACKUP state' },
      route: { host: '192.0.2.25', heloName: 'host', sender: 'user@host', timeoutMs: 3_000 },
    },
    {
      mail: {
        subject: `[lb1] Realserver ${server} of virtual server [192.0.2.1]:tcp:80 - DOWN`,
        text: '=> TCP CHECK failed on service <=',
      },
    },
  ]);
  await stage.notifying.stop();
  t.equal(stage.fifos.get('/vrrp')?.at(-1), 'INSTANCE "V_1" STOP 100');
  t.ok(stage.commands.isEnded);
  t.same(stage.closed, ['/all', '/vrrp', '/lvs']);
  stage.tell('MASTER');
  t.equal(stage.fifos.get('/vrrp')?.length, 3, 'nothing after the end');
});

t.test('news of services from before the configuration is told once it is there', (t) => {
  const stage = new Stage();
  const service = virtualServer('192.0.2.1:80', [realServer('198.51.100.1:8080')]);
  const gained = {
    type: 'quorum_changed',
    service,
    hasQuorum: true,
    aliveWeight: 1,
    isFirst: true,
    cause: 'weights',
  } as const;
  stage.notifying.servicesChanged([gained]);
  t.equal(stage.fifos.get('/all'), undefined);
  const config = configWith({ fifos: [fifo('/all', 'everything')] });
  stage.notifying.configure(config, false);
  stage.notifying.configure(config, false);
  t.same(stage.fifos.get('/all'), ['VS [192.0.2.1]:tcp:80 UP']);
  t.end();
});

t.test('a FIFO that is full is said once, and when it takes lines again', (t) => {
  const stage = new Stage();
  stage.notifying.configure(configWith({ fifos: [fifo('/all', 'everything')] }, null), true);
  stage.full.add('/all');
  for (const state of ['BACKUP', 'MASTER', 'BACKUP'] as const) stage.tell(state);
  t.same(stage.logged, ['error: /all is full: lines are lost']);
  stage.full.clear();
  stage.tell('MASTER');
  t.same(stage.logged.slice(1), ['warning: /all takes lines again; 3 were lost']);
  t.same(stage.fifos.get('/all'), ['INSTANCE "V_1" MASTER 100']);
  t.end();
});

t.test('a reload keeps the FIFO and the reader that it does not change', async (t) => {
  const stage = new Stage();
  const kept = fifo('/kept', 'everything', '/bin/read');
  const fifos = [kept, fifo('/gone', 'vrrp', '/bin/read'), fifo('/bad', 'services')];
  stage.notifying.configure(configWith({ fifos }), true);
  t.same(
    stage.readers.map(({ running }) => running.map(({ words }) => words)),
    [['/bin/read /kept'], ['/bin/read /gone']],
  );
  t.same(stage.logged, ['error: cannot use the FIFO /bad: no such folder']);
  stage.notifying.configure(configWith({ fifos: [kept] }), true);
  t.same(
    stage.readers.map(({ isEnded }) => isEnded),
    [false, true],
  );
  t.same(stage.closed, ['/gone']);
  stage.readers[0]?.running[0]?.end({ type: 'exited', code: 0 });
  await stage.settle();
  t.equal(stage.logged.at(-1), 'notice: The script of /kept terminated');
  const foreign = { ...kept, path: '/foreign', owner: { user: 'nobody', group: null } };
  const unsafe = fifo('/unsafe', 'vrrp', '/tmp/read');
  const scripts = { isSecure: true, owner: null };
  stage.notifying.configure(configWith({ fifos: [foreign, unsafe], scripts }), true);
  t.match(stage.logged.slice(-2), [
    'error: /foreign is not used: there is no user nobody',
    /^error: Unsafe permissions found for script '\/tmp\/read' - disabling/,
  ]);
  t.ok(stage.fifos.has('/unsafe'), 'others may read it');
});

t.test('what cannot be run is said once', async (t) => {
  const stage = new Stage();
  const scripts = { isSecure: true, owner: null };
  stage.notifying.configure(configWith({ scripts }, '/tmp/tell'), true);
  stage.tell('BACKUP');
  stage.tell('MASTER');
  t.match(stage.logged, [/Unsafe permissions found for script '\/tmp\/tell'/]);
  t.equal(stage.logged.length, 1);
  stage.notifying.configure(configWith({}), true);
  stage.tell('BACKUP');
  stage.commands.running[0]?.end({ type: 'not_started', reason: 'too many' });
  await stage.settle();
  t.equal(stage.logged.at(-1), 'error: /bin/tell is not run: too many');
});

t.test('mails are bounded, and the end waits for them so long', async (t) => {
  const stage = new Stage();
  stage.notifying.configure(configWith({ mail }, null), true);
  stage.holdsMails = true;
  for (let turn = 0; turn < 150; turn++) {
    stage.tell('MASTER');
    stage.tell('BACKUP');
  }
  await stage.settle();
  t.equal(stage.mails.length, 1, 'one at a time');
  stage.mailReason = 'gone';
  stage.sendNext();
  await stage.settle();
  t.match(stage.logged, [
    'error: cannot send a mail by mail: gone',
    /^error: 43 mails were not sent: 256 were waiting$/,
  ]);
  let isStopped = false;
  const stopped = stage.notifying.stop().then(() => {
    isStopped = true;
  });
  await stage.settle();
  t.equal(isStopped, false);
  stage.clock.advance(1_500);
  await stopped;
});
