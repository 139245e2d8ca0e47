import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { HostClock } from '../../src/host/clock.js';
import { type CommandBounds, HostCommandRunner } from '../../src/host/command-runner.js';
import { HostProcesses } from '../../src/host/processes.js';

const isRoot = process.getuid?.() === 0;
const patienceMs = 10_000;
const nobody = { uid: 65_534, gid: 65_534 };

class Stage {
  readonly folder: string;
  readonly lines: string[] = [];
  readonly runner: HostCommandRunner;

  constructor(t: Test, bounds?: CommandBounds) {
    this.folder = t.testdir();
    chmodSync(this.folder, 0o777);
    const log = { write: (_level: string, line: string) => this.lines.push(line) };
    this.runner = new HostCommandRunner(new HostClock(), log, bounds);
    t.teardown(() => this.runner.end());
  }

  script(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o755 });
    return path;
  }

  run(words: readonly string[], timeoutMs: number | null = patienceMs, owner = null) {
    return this.runner.run({ words, owner }, { timeoutMs });
  }

  text(name: string): string {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}

t.test('how a command ends', async (t) => {
  const stage = new Stage(t);
  t.same(await stage.run(['/bin/true']), { type: 'exited', code: 0 });
  t.same(await stage.run(['sh', '-c', 'exit 7']), { type: 'exited', code: 7 }, 'found by its name');
  t.same(await stage.run(['sh', '-c', 'kill -9 $$']), { type: 'killed', signal: 'SIGKILL' });
  t.same(await stage.run(['/nonexistent/x']), {
    type: 'not_started',
    reason: 'there is no program /nonexistent/x to run',
  });
  t.match(await stage.run(['/etc/passwd']), { type: 'not_started' }, 'no program');
  t.match(await stage.run(['/tmp']), { type: 'not_started' }, 'a folder');
});

t.test('a script gets its words, /dev/null and a clean environment', async (t) => {
  process.env['LD_LIBRARY_PATH'] = '/nowhere';
  t.teardown(() => delete process.env['LD_LIBRARY_PATH']);
  const stage = new Stage(t);
  const body = `streams=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)
{ for word; do echo "<$word>"; done
echo "$streams"
env | grep -c LD_LIBRARY_PATH
} > ${stage.folder}/out
`;
  const words = ["it's", 'two words', '', '$HOME;`id`'];
  const expected = `<it's>\n<two words>\n<>\n<$HOME;\`id\`>\n${'/dev/null\n'.repeat(3)}0\n`;
  const direct = stage.script('direct', `#!/bin/sh\n${body}`);
  await stage.run([direct, ...words]);
  t.equal(stage.text('out'), expected);
  const plain = stage.script('plain', body);
  writeFileSync(join(stage.folder, 'out'), '');
  await stage.run([plain, ...words]);
  t.equal(stage.text('out'), expected, 'without #! the shell runs it');
});

t.test('at the timeout the whole group ends', async (t) => {
  const stage = new Stage(t);
  const grandchild = join(stage.folder, 'grandchild');
  const stubborn = stage.script(
    'stubborn',
    `#!/bin/sh
trap '' TERM
sh -c 'trap "" TERM; echo $$ > ${grandchild}; while :; do sleep 0.05; done' &
while :; do sleep 0.05; done
`,
  );
  t.same(await stage.run([stubborn], 500), { type: 'timed_out' });
  const pid = Number(stage.text('grandchild'));
  t.ok(pid > 1, 'it was there');
  await waitFor('the grandchild has ended', patienceMs, () => {
    return !new HostProcesses().isRunning(pid);
  });
  t.same(await stage.run(['sleep', '100'], 50), { type: 'timed_out' }, 'SIGTERM is enough');
});

t.test('what is too much waits, and then is refused with one line', async (t) => {
  const stage = new Stage(t, { runningMax: 1, waitingMax: 1, unlimitedMax: 1 });
  const first = stage.run(['sleep', '0.2']);
  const second = stage.run(['true']);
  const [third, fourth] = await Promise.all([stage.run(['true']), stage.run(['true'])]);
  t.match(third, { type: 'not_started', reason: /1 commands wait/ });
  t.match(fourth, { type: 'not_started' });
  t.same(stage.lines, ['Commands are not run: 1 commands wait for their turn already']);
  await stage.runner.settled(patienceMs);
  t.same(await Promise.all([first, second]), [
    { type: 'exited', code: 0 },
    { type: 'exited', code: 0 },
  ]);
  const forever = stage.run(['sleep', '100'], null);
  t.match(await stage.run(['true'], null), { type: 'not_started', reason: /1 commands run/ });
  t.equal(stage.lines.length, 2, 'said again after it was idle');
  t.same(await stage.run(['true']), { type: 'exited', code: 0 }, 'others are not kept waiting');
  await stage.runner.end();
  t.same(await forever, { type: 'killed', signal: 'SIGTERM' });
  t.match(await stage.run(['true']), { type: 'not_started', reason: /ending/ });
});

t.test('what a check leaves behind is ended and named once', async (t) => {
  const stage = new Stage(t);
  const left = join(stage.folder, 'left');
  const forks = stage.script(
    'forks',
    `#!/bin/sh
sh -c 'trap "" TERM; echo $$ > ${left}; while :; do sleep 0.05; done' &
while [ ! -s ${left} ]; do sleep 0.02; done
`,
  );
  const run = (leavesNothing: boolean) =>
    stage.runner.run(
      { words: [forks], owner: null },
      { timeoutMs: patienceMs, ...(leavesNothing ? { leavesNothing } : {}) },
    );
  t.same(await run(true), { type: 'exited', code: 0 });
  const pid = Number(stage.text('left'));
  t.ok(pid > 1, 'it was there');
  await waitFor('what ignores SIGTERM is killed', patienceMs, () => {
    return !new HostProcesses().isRunning(pid);
  });
  await run(true);
  t.equal(stage.lines.length, 1, 'one line for two runs');
  t.match(stage.lines[0], /forks left processes behind, which are ended/);
  writeFileSync(left, '');
  await run(false);
  const kept = Number(stage.text('left'));
  t.ok(new HostProcesses().isRunning(kept), 'who is told of events may leave a daemon behind');
  process.kill(kept, 'SIGKILL');
});

t.test('a flood of output costs nothing and stops nobody', async (t) => {
  const stage = new Stage(t);
  const flood = stage.script('flood', '#!/bin/sh\nhead -c 200000000 /dev/zero\nexit 3\n');
  const before = process.memoryUsage.rss();
  t.same(await stage.run([flood]), { type: 'exited', code: 3 });
  t.ok(process.memoryUsage.rss() - before < 50_000_000, 'nothing of it was kept');
});

t.test('a command ends with the process that started it, however that ends', async (t) => {
  const stage = new Stage(t);
  const modules = join(checkout, 'build', 'src', 'host');
  const owners = isRoot ? [null, nobody] : [null];
  const program = `
import { HostClock } from '${modules}/clock.js';
import { HostCommandRunner } from '${modules}/command-runner.js';
const runner = new HostCommandRunner(new HostClock(), { write() {} });
for (const owner of ${JSON.stringify(owners)}) {
  const words = ['sh', '-c', 'echo $$ >> ${stage.folder}/pids; exec sleep 1000'];
  void runner.run({ words, owner }, { timeoutMs: null });
}`;
  writeFileSync(join(stage.folder, 'pids'), '', { mode: 0o666 });
  chmodSync(join(stage.folder, 'pids'), 0o666);
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: 'inherit',
    env: { PATH: process.env['PATH'] },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const pids = () => stage.text('pids').split('\n').filter(Boolean).map(Number);
  await waitFor('the commands run', patienceMs, () => pids().length === owners.length);
  child.kill('SIGKILL');
  const processes = new HostProcesses();
  await waitFor('they have ended', patienceMs, () =>
    pids().every((pid) => !processes.isRunning(pid)),
  );
});

t.test('many commands leave no descriptor behind', async (t) => {
  const stage = new Stage(t);
  const descriptors = () => readdirSync('/proc/self/fd').length;
  await stage.run(['/bin/true']);
  const before = descriptors();
  for (let round = 0; round < 20; round++) {
    const ends = await Promise.all(Array.from({ length: 20 }, () => stage.run(['/bin/true'])));
    t.ok(ends.every((end) => end.type === 'exited' && end.code === 0));
  }
  t.ok(descriptors() <= before + 1, `${before} before, ${descriptors()} after`);
});

t.test('the owner', { skip: isRoot ? false : 'needs root' }, async (t) => {
  const stage = new Stage(t);
  const folder = join('/tmp', `keelson-owner-${process.pid}`);
  mkdirSync(folder, { mode: 0o777 });
  chmodSync(folder, 0o777);
  t.teardown(() => import('node:fs').then((fs) => fs.rmSync(folder, { recursive: true })));
  const words = ['sh', '-c', `grep -E '^(Uid|Gid|Groups)' /proc/$$/status > ${folder}/ids`];
  const end = await stage.runner.run({ words, owner: nobody }, { timeoutMs: patienceMs });
  t.same(end, { type: 'exited', code: 0 });
  const ids = readFileSync(join(folder, 'ids'), 'utf8').replaceAll(/[ \t]+/g, ' ');
  t.match(ids, /^Uid: 65534 65534 65534 65534$/m);
  t.match(ids, /^Gid: 65534 65534 65534 65534$/m);
  t.match(ids, /^Groups: (65534 )?$/m, 'no group of ours stays');
  const program = join(folder, 'roots');
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, 0o744);
  const command = { words: [program], owner: nobody };
  t.match(await stage.runner.run(command, { timeoutMs: patienceMs }), {
    type: 'not_started',
    reason: `${program} is not executable for uid:gid 65534:65534`,
  });
  chmodSync(program, 0o755);
  t.match(await stage.runner.run(command, { timeoutMs: patienceMs }), { type: 'exited', code: 0 });
});
