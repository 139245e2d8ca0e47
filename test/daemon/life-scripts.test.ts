import t from 'tap';
import { operationsDefaults } from '../../src/config/operations.js';
import { LifeScripts } from '../../src/daemon/life-scripts.js';
import type { CommandEnd, CommandLine } from '../../src/ports/command-runner.js';
import { configOf } from '../config/text.js';

const root = { uid: 0, gid: 0 };

class Stage {
  readonly lines: string[] = [];
  readonly runs: string[] = [];
  readonly delays: number[] = [];
  end: CommandEnd | null = { type: 'exited', code: 0 };
  #ended: (end: CommandEnd) => void = () => {};

  readonly scripts = new LifeScripts({
    log: { write: (level, line) => this.lines.push(`${level}: ${line}`) },
    scriptHost: {
      idsOf: (user) => (user === 'root' ? root : null),
      safetyOf: (program) =>
        program === '/unsafe' ? { type: 'unsafe', component: '/' } : { type: 'safe' },
    },
    newRunner: () => ({
      run: (command: CommandLine, { timeoutMs }: { readonly timeoutMs: number | null }) => {
        this.runs.push(`${command.words.join(' ')} within ${timeoutMs}`);
        if (this.end !== null) return Promise.resolve(this.end);
        return new Promise<CommandEnd>((ended) => {
          this.#ended = ended;
        });
      },
      end: () => {
        this.#ended({ type: 'killed', signal: 'SIGTERM' });
        return Promise.resolve();
      },
    }),
    delaysEnd: (byMs) => this.delays.push(byMs),
  });
}

const { config } = configOf(`global_defs {
script_user root
enable_script_security
startup_script "/begin now"
startup_script_timeout 3
shutdown_script /finish root
}
`);

t.test('each is run at its time, within its time', async (t) => {
  const stage = new Stage();
  await stage.scripts.startUp(config);
  t.strictSame(stage.runs, ['/begin now within 3000']);
  t.strictSame(stage.delays, []);
  await stage.scripts.shutDown(config);
  t.strictSame(stage.runs.slice(1), ['/finish within 10000']);
  t.strictSame(stage.delays, [10_000]);
  t.strictSame(stage.lines, []);
});

t.test('nothing comes of one that fails but a line', async (t) => {
  const stage = new Stage();
  const lineOf = async (end: CommandEnd): Promise<string | undefined> => {
    stage.end = end;
    await stage.scripts.startUp(config);
    return stage.lines.pop();
  };
  t.equal(
    await lineOf({ type: 'exited', code: 3 }),
    'error: startup_script: /begin failed, status 3',
  );
  t.equal(await lineOf({ type: 'timed_out' }), 'error: startup_script: /begin timed out');
  t.match(await lineOf({ type: 'killed', signal: 'SIGSEGV' }), /was ended by SIGSEGV/);
  t.match(await lineOf({ type: 'not_started', reason: 'no memory' }), /is not run: no memory/);
});

t.test('none that is not there, or that others may change', async (t) => {
  const stage = new Stage();
  await stage.scripts.shutDown(null);
  await stage.scripts.startUp({ ...config, operations: operationsDefaults });
  t.strictSame([stage.runs, stage.delays], [[], []]);
  const unsafe = configOf(
    'global_defs {\nscript_user root\nenable_script_security\nstartup_script /unsafe\n}\n',
  );
  await stage.scripts.startUp(unsafe.config);
  t.strictSame(stage.runs, []);
  t.match(stage.lines, [/startup_script: Unsafe permissions found for script '\/unsafe'/]);
});

t.test('a daemon that ends while it starts does not wait for the script', async (t) => {
  const stage = new Stage();
  stage.end = null;
  const started = stage.scripts.startUp(config);
  await stage.scripts.shutDown(null);
  await started;
  t.match(stage.lines, [/startup_script: \/begin was ended by SIGTERM/]);
});
