import { spawn } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import {
  clearSocketFile,
  describeSocketFileError,
  listenAt,
  reasonOf,
} from '../../src/dataplane/socket-file.js';
import { SimulatedClock } from '../sim/clock.js';
import { Served, shortDirectory } from './served.js';

async function complaint(path: string): Promise<string> {
  const cleared = await clearSocketFile(path, new SimulatedClock());
  return describeSocketFileError(cleared._unsafeUnwrapErr());
}

t.test('a living data plane is not displaced', async (t) => {
  const served = await Served.start(t);
  t.equal(
    await complaint(served.path),
    `another data plane already serves ${served.path} (pid ${process.pid})`,
  );
  t.ok(existsSync(served.path));
});

t.test('a listener that says nothing lives, too', async (t) => {
  const path = `${shortDirectory(t)}/mute.sock`;
  const clock = new SimulatedClock();
  const listener = createServer(() => clock.advance(1000));
  t.teardown(() => listener.close());
  (await listenAt(listener, path))._unsafeUnwrap();
  const cleared = await clearSocketFile(path, clock);
  t.equal(
    describeSocketFileError(cleared._unsafeUnwrapErr()),
    `another data plane already serves ${path}`,
  );
});

t.test('the socket of a dead process makes way', async (t) => {
  const path = `${shortDirectory(t)}/stale.sock`;
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () =>
    process.kill(process.pid, 'SIGKILL'))`;
  const dead = spawn(process.execPath, ['-e', program]);
  await new Promise((resolve) => dead.on('exit', resolve));
  t.ok(statSync(path).isSocket(), 'it was left behind');
  (await clearSocketFile(path, new SimulatedClock()))._unsafeUnwrap();
  t.notOk(existsSync(path));
});

t.test('the directory is made for its owner alone', async (t) => {
  const path = join(shortDirectory(t), 'made', 'for', 'dp.sock');
  (await clearSocketFile(path, new SimulatedClock()))._unsafeUnwrap();
  t.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
});

t.test('what cannot be served is said in a sentence', async (t) => {
  const directory = shortDirectory(t);
  const file = join(directory, 'file');
  writeFileSync(file, 'precious');
  t.equal(await complaint(file), `cannot serve at ${file}: a file that is no socket is in the way`);
  t.ok(existsSync(file));
  t.match(await complaint(join(file, 'dp.sock')), /not a directory|already exists/);
  t.match(await complaint(`/${'x'.repeat(107)}`), 'choose a shorter --runtime-dir');
  const listener = createServer();
  const failed = await listenAt(listener, join(directory, 'absent', 'dp.sock'));
  t.ok(failed.isErr());
  t.equal(reasonOf(Object.assign(new Error('EACCES: x'), { code: 'EACCES' })), 'permission denied');
  t.equal(reasonOf(new Error('other')), 'other');
});
