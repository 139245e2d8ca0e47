import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { HostProcesses } from '../../src/host/processes.js';
import { describeProcessError } from '../../src/ports/processes.js';

const processes = new HostProcesses();
// Detached processes alone do not keep us waiting for them.
const keepAlive = setInterval(() => {}, 1_000);
t.teardown(() => clearInterval(keepAlive));

t.test('a process is started, collected, ended', async (t) => {
  const folder = t.testdir({ log: 'before\n' });
  const logFile = join(folder, 'log');
  const script = `console.log(process.env.COLOUR); console.error('said'); process.exit(7)`;
  const started = processes.startDetached({
    command: process.execPath,
    arguments: ['-e', script],
    environment: { COLOUR: 'green' },
    logFile,
  });
  t.equal(await started._unsafeUnwrap().exited, 7);
  t.equal(readFileSync(logFile, 'utf8'), 'before\ngreen\nsaid\n');

  const waiting = processes.startDetached({
    command: process.execPath,
    arguments: ['-e', 'setInterval(() => {}, 1000)'],
    logFile,
  });
  const { pid, exited } = waiting._unsafeUnwrap();
  t.equal(processes.isRunning(pid), true);
  const session = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[3];
  t.equal(Number(session), pid, 'it leads its own session');
  t.ok(processes.terminate(pid).isOk());
  t.equal(await exited, 128 + 15);
  t.equal(processes.isRunning(pid), false);
  t.ok(processes.terminate(pid).isOk(), 'it has ended already');
});

t.test('what cannot be started is said at once', (t) => {
  const options = { arguments: [], logFile: null };
  const missing = processes.startDetached({ ...options, command: '/nonexistent/program' });
  t.equal(
    describeProcessError(missing._unsafeUnwrapErr()),
    'cannot start /nonexistent/program: No such file or directory',
  );
  const command = process.execPath;
  const noLog = processes.startDetached({ ...options, command, logFile: '/nonexistent/log' });
  t.match(describeProcessError(noLog._unsafeUnwrapErr()), /No such file or directory$/);
  t.end();
});

t.test('a pid file has one holder', (t) => {
  const path = join(t.testdir(), 'pid');
  t.ok(processes.claimPidFile(path).isOk());
  t.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  t.equal(statSync(path).mode & 0o777, 0o644 & ~process.umask());
  const second = new HostProcesses().claimPidFile(path);
  t.equal(
    describeProcessError(second._unsafeUnwrapErr()),
    `${path} is held by process ${process.pid}, which is running`,
  );
  t.ok(processes.claimPidFile(path).isErr(), 'not even by itself');
  new HostProcesses().releasePidFile(path);
  t.ok(existsSync(path), 'only the holder releases it');
  processes.releasePidFile(path);
  t.notOk(existsSync(path));
  t.ok(processes.claimPidFile(path).isOk(), 'free again');
  processes.releasePidFile(path);
  t.end();
});

t.test('a stale file is taken over, though its number is alive', (t) => {
  const path = join(t.testdir(), 'pid');
  writeFileSync(path, `${process.ppid} with more behind it\n`);
  t.ok(processes.claimPidFile(path).isOk());
  t.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  processes.releasePidFile(path);
  t.end();
});

t.test('a file that replaced ours is left alone', (t) => {
  const path = join(t.testdir(), 'pid');
  t.ok(processes.claimPidFile(path).isOk());
  unlinkSync(path);
  writeFileSync(path, '1\n');
  processes.releasePidFile(path);
  t.equal(readFileSync(path, 'utf8'), '1\n');
  const nowhere = processes.claimPidFile('/nonexistent/pid');
  t.equal(
    describeProcessError(nowhere._unsafeUnwrapErr()),
    'cannot write /nonexistent/pid: No such file or directory',
  );
  t.end();
});

/** A shell that holds a lock of the same kind as ours until it is killed. */
async function holder(path: string): Promise<ChildProcess> {
  const script = `
    import fcntl, os, struct, sys, time
    file = open(sys.argv[1], 'w'); file.write('12345\\n'); file.flush()
    fcntl.fcntl(file, 37, struct.pack('hhlli4x', fcntl.F_WRLCK, 0, 0, 0, 0))
    print('locked', flush=True)
    time.sleep(600)`.replaceAll(/^ {4}/gm, '');
  const child = spawn('python3', ['-c', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child;
}

t.test('the holder is another process, and its end is the end of its hold', async (t) => {
  const path = join(t.testdir(), 'pid');
  const child = await holder(path);
  t.teardown(() => child.kill('SIGKILL'));
  const refused = processes.claimPidFile(path);
  t.equal(
    describeProcessError(refused._unsafeUnwrapErr()),
    `${path} is held by process 12345, which is running`,
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.ok(processes.claimPidFile(path).isOk());
  processes.releasePidFile(path);
});
