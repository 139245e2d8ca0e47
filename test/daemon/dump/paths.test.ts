import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { operationsDefaults } from '../../../src/config/operations.js';
import { dumpPath } from '../../../src/daemon/dump/dump-path.js';
import { writeDumpFile } from '../../../src/host/dump-file.js';

const files = (
  parts: Partial<typeof operationsDefaults.dumpFiles>,
  instance: string | null = null,
) => ({
  ...operationsDefaults,
  instance,
  dumpFiles: { ...operationsDefaults.dumpFiles, ...parts },
});

t.test('the usual names, in the folder for temporary files', (t) => {
  const usual = (kind: Parameters<typeof dumpPath>[0], folder?: string) =>
    dumpPath(kind, operationsDefaults, 'blue', folder);
  t.equal(usual('data'), '/tmp/keepalived.data');
  t.equal(usual('parent'), '/tmp/keepalived_parent.data');
  t.equal(usual('check', '/var/tmp'), '/var/tmp/keepalived_check.data');
  t.equal(usual('stats', 'relative'), '/tmp/keepalived.stats', 'only an absolute TMPDIR counts');
  t.equal(usual('json', '/x'), '/x/keepalived.json');
  t.end();
});

t.test('names of the file, and of the instance', (t) => {
  t.equal(dumpPath('data', files({ state: '/var/k/' }), null, '/t'), '/var/k/keepalived.data');
  t.equal(dumpPath('check', files({ state: 'k.txt' }), null, '/t'), '/t/k_check.txt');
  t.equal(dumpPath('parent', files({ state: '/v.d/k' }), null, '/t'), '/v.d/k_parent');
  t.equal(dumpPath('json', files({ json: 'sub/' }), null, '/t'), '/t/sub/keepalived.json');
  const named = files({ usesInstance: true }, 'one');
  t.equal(dumpPath('data', named, 'blue', '/t'), '/t/keepalived.blue_one.data');
  t.equal(dumpPath('parent', named, null, '/t'), '/t/keepalived_parent.one.data');
  t.equal(dumpPath('stats', named, 'blue', '/t'), '/t/keepalived.stats', 'as 2.2.7 has it');
  t.end();
});

t.test('a dump is written whole, and follows no link', (t) => {
  const folder = t.testdir({ 'old.json': 'old' });
  const path = join(folder, 'old.json');
  chmodSync(path, 0o666);
  writeDumpFile(path, 'new', 0o177)._unsafeUnwrap();
  t.equal(readFileSync(path, 'utf8'), 'new');
  t.equal(statSync(path).mode & 0o777, 0o600);
  writeDumpFile(path, 'open', 0)._unsafeUnwrap();
  t.equal(statSync(path).mode & 0o777, 0o666);
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'untouched');
  symlinkSync(victim, join(folder, 'link'));
  writeDumpFile(join(folder, 'link'), 'dump', 0o177)._unsafeUnwrap();
  t.equal(readFileSync(victim, 'utf8'), 'untouched');
  mkdirSync(join(folder, 'taken'));
  t.match(writeDumpFile(join(folder, 'taken'), 'x', 0)._unsafeUnwrapErr(), /taken: Is a directory/);
  t.match(
    writeDumpFile('/nonexistent/k', 'x', 0)._unsafeUnwrapErr(),
    'cannot write /nonexistent/k: No such file or directory',
  );
  t.same(readdirSync(folder).sort(), ['link', 'old.json', 'taken', 'victim'], 'nothing is left');
  t.end();
});
