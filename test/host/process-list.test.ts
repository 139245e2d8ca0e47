// Processes of the real machine: its /proc, and the kernel's news of processes where it gives them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { HostProcessList } from '../../src/host/process-list.js';
import { decodeNews, encodeListening } from '../../src/host/process-news.js';
import type { ProcessNews } from '../../src/ports/process-list.js';

const folder = mkdtempSync(join(tmpdir(), 'keelson-'));
const program = join(folder, 'ks-tracked');
copyFileSync('/bin/sleep', program);
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const timeoutMs = 10_000;

t.test('a process is in the list while it runs, with its name and its words', async (t) => {
  const list = new HostProcessList();
  const child = spawn(program, ['1000', '0'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  try {
    await waitFor('it runs', timeoutMs, () => list.look(pid, false)?.name === 'ks-tracked');
    t.same(list.look(pid, true), { pid, name: 'ks-tracked', words: [program, '1000', '0'] });
    const listed = (await list.list(true))._unsafeUnwrap();
    t.same(
      listed.find((one) => one.pid === pid),
      list.look(pid, true),
    );
    t.same(listed.find((one) => one.pid === process.pid)?.pid, process.pid);
  } finally {
    child.kill('SIGKILL');
  }
  await once(child, 'exit');
  t.equal(list.look(pid, false), null);
});

t.test('the kernel tells of processes that begin and end', async (t) => {
  const list = new HostProcessList();
  const news: ProcessNews[] = [];
  const watching = list.watch((one) => news.push(one));
  if (watching.isErr()) {
    t.comment(`not here: ${watching.error.reason}`);
    t.ok(watching.error.reason.length > 0, 'refused with a reason');
    return;
  }
  const child = spawn(program, ['0.01'], { stdio: 'ignore' });
  await once(child, 'exit');
  const { pid } = child;
  await waitFor('news of both', timeoutMs, () => {
    const own = news.filter((one) => 'pid' in one && one.pid === pid).map(({ type }) => type);
    return own.includes('changed') && own.includes('ended');
  });
  watching.value();
  t.ok(news.length < 100_000);
});

t.test('news are read from bytes, and nonsense says nothing', (t) => {
  // struct proc_event on a little-endian machine: what, cpu, time stamp, then the ids.
  const header = '4c000000 0300 0000 00000000 00000000';
  const connector = '01000000 01000000 00000000 00000000 2800 0000';
  const bytesOf = (hex: string): Uint8Array =>
    Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  const message = (what: string, ids: string): Uint8Array =>
    bytesOf(`${header}${connector}${what} 00000000 0000000000000000 ${ids}`);
  const news = (what: string, ids: string) =>
    decodeNews(message(what, `${ids}${'00'.repeat(24 - ids.replaceAll(' ', '').length / 2)}`));
  t.same(news('01000000', '05000000 05000000 07000000 07000000'), [{ type: 'changed', pid: 7 }]);
  t.same(news('01000000', '05000000 05000000 08000000 05000000'), [], 'a thread');
  t.same(news('02000000', '07000000 07000000'), [{ type: 'changed', pid: 7 }]);
  t.same(news('00020000', '07000000 07000000 61'), [{ type: 'changed', pid: 7 }]);
  t.same(news('00000080', '07000000 07000000'), [{ type: 'ended', pid: 7 }]);
  t.same(news('00000080', '08000000 07000000'), [], 'a thread');
  t.same(news('00000000', '01000000 00000000'), [{ type: 'lost', reason: 'refused with 1' }]);
  t.same(news('00000000', '00000000 00000000'), []);
  t.same(news('04000000', '07000000 07000000'), [], 'another user');
  const whole = message('02000000', `07000000 07000000${'00'.repeat(16)}`);
  for (let length = 0; length < whole.length; length++) decodeNews(whole.subarray(0, length));
  t.equal(encodeListening().length, 40);
  t.end();
});
