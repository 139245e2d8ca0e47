import {
  closeSync,
  constants,
  openSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { hostFifos } from '../../src/host/notify-fifo.js';
import { scriptHost } from '../../src/host/script-host.js';
import { describeFifoError } from '../../src/ports/notify-fifo.js';

const us = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const isRoot = us.uid === 0;

t.test('lines wait for a reader and are lost when there are too many', (t) => {
  const path = join(t.testdir(), 'fifo');
  const fifo = hostFifos.open(path, us)._unsafeUnwrap();
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.ok(statSync(path).isFIFO());
  t.equal(fifo.write('INSTANCE "V" MASTER 100'), true);
  t.equal(fifo.write('GROUP "G" MASTER 0'), true);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const bytes = Buffer.alloc(100);
  const count = readSync(reader, bytes);
  t.equal(bytes.toString('utf8', 0, count), 'INSTANCE "V" MASTER 100\nGROUP "G" MASTER 0\n');
  let written = 0;
  while (written < 1_000_000 && fifo.write('x'.repeat(999))) written += 1000;
  t.ok(written > 10_000 && written < 1_000_000, 'then it is full, and does not wait');
  t.equal(fifo.write('y'.repeat(4096)), false, 'no part of a line');
  closeSync(reader);
  fifo.close();
  fifo.close();
  t.equal(fifo.write('after'), false);
  const again = hostFifos.open(path, us)._unsafeUnwrap();
  t.equal(again.write('again'), true, 'a FIFO that is there is used');
  again.close();
  t.end();
});

t.test('what is no FIFO is left alone', (t) => {
  const folder = t.testdir({ file: 'text' });
  const path = join(folder, 'file');
  t.match(
    describeFifoError(hostFifos.open(path, us)._unsafeUnwrapErr()),
    /^cannot use the FIFO .*file: there is something else of that name; remove it$/,
  );
  symlinkSync('/etc/passwd', join(folder, 'link'));
  t.match(hostFifos.open(join(folder, 'link'), us)._unsafeUnwrapErr(), { type: 'fifo.failed' });
  writeFileSync(path, 'text');
  t.match(
    describeFifoError(hostFifos.open('/nonexistent/folder/fifo', us)._unsafeUnwrapErr()),
    /cannot use the FIFO \/nonexistent\/folder\/fifo: it cannot be made there$/,
  );
  t.end();
});

t.test('the owner of a new FIFO', { skip: isRoot ? false : 'needs root' }, (t) => {
  const path = join(t.testdir(), 'fifo');
  const nobody = scriptHost.idsOf('nobody', null) ?? { uid: -1, gid: -1 };
  hostFifos.open(path, nobody)._unsafeUnwrap().close();
  t.match(statSync(path), nobody);
  t.same(scriptHost.idsOf('root', null), { uid: 0, gid: 0 });
  t.same(scriptHost.idsOf('nobody', 'root'), { uid: nobody.uid, gid: 0 });
  t.equal(scriptHost.idsOf('no such user', null), null);
  t.equal(scriptHost.idsOf('root', 'no such group'), null);
  t.end();
});
