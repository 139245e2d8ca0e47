import { ok } from 'neverthrow';
import t from 'tap';
import type {
  FileDefinition,
  ProcessDefinition,
  ScriptDefinition,
  Tracking,
} from '../../../src/config/tracking.js';
import { pollIntervalMs } from '../../../src/ha/tracking/process-census.js';
import { connectTarget, runScript } from '../../../src/ha/tracking/script-run.js';
import { Tracker } from '../../../src/ha/tracking/tracker.js';
import type { ConnectOutcome } from '../../../src/ports/streams.js';
import { SimulatedClock } from '../../sim/clock.js';
import {
  SimulatedFiles,
  SimulatedProcessList,
  SimulatedRunner,
  settle,
} from '../../sim/tracking.js';

class Stage {
  readonly clock = new SimulatedClock();
  readonly runner = new SimulatedRunner();
  readonly processes = new SimulatedProcessList();
  readonly files = new SimulatedFiles();
  readonly lines: string[] = [];
  readonly connects: string[] = [];
  accepts: ConnectOutcome = { type: 'connected' };
  #facts: string[] = [];

  readonly tracker = new Tracker({
    clock: this.clock,
    log: { write: (_level, line) => this.lines.push(line) },
    random: () => 0.5,
    processes: this.processes,
    files: this.files,
    runScript: (script) =>
      runScript(
        {
          runner: this.runner,
          streams: {
            connect: ({ address, port }) => {
              this.connects.push(`${address} ${port}`);
              return Promise.resolve(this.accepts);
            },
          },
          prepare: ({ command }) => ok({ words: command, owner: null }),
        },
        script,
      ),
    tell: (facts) => {
      for (const { kind, name, value } of facts) this.#facts.push(`${kind} ${name} ${value}`);
    },
  });

  async track(parts: Partial<Tracking>): Promise<void> {
    this.tracker.configure({ scripts: [], processes: [], files: [], linkDelays: [], ...parts });
    await settle();
  }

  async pass(durationMs: number): Promise<void> {
    this.clock.advance(durationMs);
    await settle();
  }

  /** Since the last call. */
  facts(): string[] {
    return this.#facts.splice(0);
  }
}

const script = (parts: Partial<ScriptDefinition> = {}): ScriptDefinition => ({
  name: 'check',
  command: ['/bin/check'],
  owner: null,
  intervalMs: 1000,
  timeoutMs: 1000,
  rise: 1,
  fall: 1,
  startsFailed: false,
  ...parts,
});

t.test('a script runs at its interval, never twice at a time', async (t) => {
  const stage = new Stage();
  await stage.track({ scripts: [script({ fall: 2 })] });
  t.same(stage.facts(), [], 'nothing is known');
  await stage.pass(10);
  t.same(stage.runner.started, ['/bin/check']);
  await stage.runner.end(0);
  t.same(stage.facts(), ['script check 1']);
  await stage.pass(1000);
  await stage.runner.end(3);
  await stage.pass(1000);
  await stage.pass(1000);
  await stage.pass(1000);
  t.equal(stage.runner.started.length, 3, 'it runs still');
  await stage.runner.end({ type: 'timed_out' });
  t.same(stage.facts(), ['script check 0']);
  await stage.pass(1000);
  t.equal(stage.runner.started.length, 4);
  await stage.runner.end(0);
  t.same(stage.facts(), ['script check 1']);
  t.same(stage.lines, [
    'VRRP_Script(check) succeeded',
    'Script `check` now returning 3',
    'Track script check is already running, expect idle - skipping run',
    'VRRP_Script(check) timed_out',
    'Script `check` now returning 0',
    'VRRP_Script(check) succeeded',
  ]);
  stage.tracker.stop();
});

t.test('every way to fail is one, and named', async (t) => {
  for (const [end, line] of [
    [2, 'failed (exited with status 2)'],
    [{ type: 'killed', signal: 'SIGSEGV' }, 'failed (due to signal SIGSEGV)'],
    [{ type: 'not_started', reason: 'gone' }, 'failed (cannot be run: gone)'],
  ] as const) {
    const stage = new Stage();
    await stage.track({ scripts: [script()] });
    await stage.pass(10);
    await stage.runner.end(end);
    t.same(stage.facts(), ['script check 0']);
    t.equal(stage.lines.at(-1), `VRRP_Script(check) ${line}`);
    stage.tracker.stop();
  }
});

t.test('init_fail is down from the start; a stopped script says nothing more', async (t) => {
  const stage = new Stage();
  await stage.track({ scripts: [script({ startsFailed: true, rise: 5 })] });
  t.same(stage.facts(), ['script check 0']);
  await stage.pass(10);
  await stage.runner.end(0);
  t.same(stage.facts(), ['script check 1'], 'one success is enough');
  await stage.pass(1000);
  stage.tracker.stop();
  await stage.runner.end(1);
  await stage.pass(10_000);
  t.same(stage.facts(), []);
  t.equal(stage.runner.started.length, 2);
});

t.test('a reload keeps verdicts; what is new is considered successful', async (t) => {
  const stage = new Stage();
  await stage.track({ scripts: [script()] });
  await stage.pass(10);
  await stage.runner.end(1);
  t.same(stage.facts(), ['script check 0']);
  await stage.track({ scripts: [script(), script({ name: 'other' })] });
  t.same(stage.facts(), ['script other 1']);
  t.equal(stage.lines.at(-1), 'VRRP_Script(other) considered successful on reload');
  await stage.track({ scripts: [script({ intervalMs: 5000 })] });
  t.same(stage.facts(), ['script check 0'], 'changed, with the verdict it had');
  stage.tracker.stop();
});

t.test('a thousand scripts do not begin at once', async (t) => {
  const stage = new Stage();
  const many = Array.from({ length: 4 }, (_, index) => script({ name: `s${index}` }));
  await stage.track({ scripts: many });
  await stage.pass(9);
  t.equal(stage.runner.started.length, 0);
  await stage.pass(1);
  t.equal(stage.runner.started.length, 4, 'random() says when, within 5 ms for each');
  stage.tracker.stop();
});

t.test('</dev/tcp/ADDRESS/PORT is a connection', async (t) => {
  const stage = new Stage();
  await stage.track({ scripts: [script({ command: ['</dev/tcp/192.0.2.1/80'] })] });
  await stage.pass(10);
  t.same(stage.connects, ['192.0.2.1 80']);
  t.same(stage.facts(), ['script check 1']);
  stage.accepts = { type: 'refused' };
  await stage.pass(1000);
  t.same(stage.facts(), ['script check 0']);
  stage.accepts = { type: 'timed_out' };
  await stage.pass(1000);
  t.same(stage.runner.started, []);
  t.same(connectTarget(['<', '/dev/tcp/2001:db8::1/443']), { address: '2001:db8::1', port: 443 });
  for (const wrong of ['</etc/passwd', '</dev/tcp/x/80', '</dev/tcp/192.0.2.1/0']) {
    t.equal(connectTarget([wrong]), null, wrong);
  }
  stage.tracker.stop();
});

const file = (parts: Partial<FileDefinition> = {}): FileDefinition => ({
  name: 'load',
  path: '/run/load',
  initial: null,
  ...parts,
});

t.test('a file counts as it changes, comes and goes', async (t) => {
  const stage = new Stage();
  await stage.track({ files: [file()] });
  t.same(stage.facts(), ['file load 0'], 'no file is 0');
  await stage.files.set('/run/load', '7\n');
  await stage.files.set('/run/load', ' 7 again');
  await stage.files.set('/run/load', null);
  t.same(stage.facts(), ['file load 7', 'file load 0']);
  await stage.track({});
  t.same(stage.files.watched, []);
});

t.test('init_file makes a file, and overwrites only if it says so', async (t) => {
  const stage = new Stage();
  stage.files.texts.set('/run/b', '9');
  stage.files.texts.set('/run/c', '9');
  await stage.track({
    files: [
      file({ name: 'a', path: '/run/a', initial: { value: 5, overwrites: false } }),
      file({ name: 'b', path: '/run/b', initial: { value: 5, overwrites: false } }),
      file({ name: 'c', path: '/run/c', initial: { value: 5, overwrites: true } }),
      file({ name: 'd', path: '/readonly/d', initial: { value: 5, overwrites: true } }),
    ],
  });
  t.same(stage.facts().sort(), ['file a 5', 'file b 9', 'file c 5', 'file d 0']);
  t.same(stage.lines, ['track_file d: cannot write /readonly/d: read-only file system']);
  stage.tracker.stop();
});

const process = (parts: Partial<ProcessDefinition> = {}): ProcessDefinition => ({
  name: 'web',
  program: 'nginx',
  arguments: null,
  match: 'exact',
  comparesCommand: false,
  quorum: 1,
  quorumMax: null,
  forkDelayMs: 0,
  terminateDelayMs: 0,
  ...parts,
});

t.test('processes are counted as they begin, change their names and end', async (t) => {
  const stage = new Stage();
  stage.processes.set(10, 'nginx');
  await stage.track({ processes: [process({ quorum: 2 })] });
  t.same(stage.facts(), ['process web 0']);
  stage.processes.set(11, 'sh');
  stage.processes.set(11, 'nginx');
  t.same(stage.facts(), ['process web 1']);
  stage.processes.set(11, 'nginx');
  stage.processes.set(10, null);
  t.same(stage.facts(), ['process web 0']);
  stage.processes.setSilently(12, 'nginx');
  stage.processes.tell({ type: 'overrun' });
  await settle();
  t.same(stage.facts(), ['process web 1'], 'looked at all after an overrun');
  t.match(stage.lines[0], 'Quorum lost for tracked process web');
  t.equal(stage.processes.scans, 2);
  stage.tracker.stop();
  stage.processes.set(13, 'nginx');
  t.same(stage.facts(), []);
});

t.test('news during a scan are not lost to it', async (t) => {
  const stage = new Stage();
  stage.processes.set(10, 'nginx');
  const release = stage.processes.holdScans();
  stage.tracker.configure({ scripts: [], files: [], linkDelays: [], processes: [process()] });
  stage.processes.set(10, null);
  release();
  await settle();
  t.equal(stage.facts().at(-1), 'process web 0');
  stage.tracker.stop();
});

t.test('without news of processes they are looked at every second', async (t) => {
  const stage = new Stage();
  stage.processes.refusesNews = true;
  await stage.track({ processes: [process()] });
  t.same(stage.facts(), ['process web 0']);
  stage.processes.set(10, 'nginx');
  await stage.pass(pollIntervalMs);
  t.same(stage.facts(), ['process web 1']);
  t.match(stage.lines[0], /no news of processes \(refused\): looking every second/);
  await stage.track({});
  await stage.pass(60_000);
  t.equal(stage.processes.scans, 2, 'nothing is looked at when nothing is tracked');
});

t.test('when the news end, too', async (t) => {
  const stage = new Stage();
  await stage.track({ processes: [process()] });
  stage.processes.tell({ type: 'lost', reason: 'the socket failed' });
  stage.processes.tell({ type: 'lost', reason: 'the socket failed' });
  stage.processes.setSilently(10, 'nginx');
  await stage.pass(pollIntervalMs);
  t.same(stage.facts(), ['process web 0', 'process web 1']);
  t.equal(stage.processes.scans, 2, 'one look a second');
  stage.tracker.stop();
});

t.test('a reload keeps what is counted', async (t) => {
  const stage = new Stage();
  stage.processes.set(10, 'nginx');
  await stage.track({ processes: [process()] });
  t.same(stage.facts(), ['process web 1']);
  await stage.track({ processes: [process(), process({ name: 'none', quorumMax: 0 })] });
  t.same(stage.facts(), ['process none 0']);
  stage.tracker.stop();
});
