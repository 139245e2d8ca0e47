// Tracked files of the real machine.
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { HostTrackedFiles } from '../../src/host/tracked-files.js';

const folder = mkdtempSync(join(tmpdir(), 'keelson-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const files = new HostTrackedFiles();
const timeoutMs = 10_000;

/** Reads whenever it is told to, until it is `text`. */
async function seen(path: string, text: string | null, change: () => void): Promise<void> {
  let read: string | null = 'nothing yet';
  const stop = files.watch(path, () => {
    void files.read(path).then((now) => {
      read = now;
    });
  });
  change();
  await waitFor(`${path} is ${text}`, timeoutMs, () => read === text);
  stop();
}

t.test('a file is read as far as a number goes, and what is none is not there', async (t) => {
  const path = join(folder, 'long');
  writeFileSync(path, `7 ${'x'.repeat(1_000_000)}`);
  t.equal((await files.read(path))?.length, 64);
  t.equal(await files.read(join(folder, 'missing')), null);
  t.equal(await files.read(folder), null, 'a folder');
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  t.equal(await files.read(join(folder, 'fifo')), null, 'nobody is waited for');
});

t.test('changes are told: written, replaced, removed, and behind a link', async (t) => {
  const path = join(folder, 'value');
  await seen(path, '1', () => writeFileSync(path, '1'));
  await seen(path, '2', () => {
    writeFileSync(`${path}.new`, '2');
    renameSync(`${path}.new`, path);
  });
  await seen(path, null, () => rmSync(path));
  const later = join(folder, 'later', 'value');
  await seen(later, '3', () => {
    mkdirSync(join(folder, 'later'));
    writeFileSync(later, '3');
  });
  const link = join(folder, 'link');
  symlinkSync(later, link);
  await seen(link, '4', () => writeFileSync(later, '4'));
  t.pass('all were seen');
});

t.test('a file is made, or kept, as it is asked for', async (t) => {
  const path = join(folder, 'made');
  t.ok((await files.write(path, '5\n', true)).isOk());
  t.ok((await files.write(path, '6\n', true)).isOk());
  t.equal(readFileSync(path, 'utf8'), '5\n');
  t.ok((await files.write(path, '7\n', false)).isOk());
  t.equal(readFileSync(path, 'utf8'), '7\n');
  const refused = await files.write(join(folder, 'no', 'such'), '1', true);
  t.equal(refused._unsafeUnwrapErr(), 'No such file or directory');
});
