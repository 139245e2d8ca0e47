import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { hostView } from '../../src/host/host-view.js';

const isRoot = process.getuid?.() === 0;

t.test('interfaces, users and groups of this machine', (t) => {
  t.equal(hostView.hasInterface('lo'), true);
  t.equal(hostView.hasInterface('no-such-if'), false);
  t.equal(hostView.hasUser('root'), true);
  t.equal(hostView.hasUser('no-such-user'), false);
  t.equal(hostView.hasUser('-h'), false, 'a name is no option');
  t.equal(hostView.hasGroup('root'), true);
  t.equal(hostView.hasGroup('no-such-group'), false);
  t.end();
});

t.test('programs are found as a shell finds them', (t) => {
  t.same(hostView.safetyOf('/no/such/program'), { type: 'missing' });
  t.same(hostView.safetyOf('no-such-program'), { type: 'missing' });
  t.same(hostView.safetyOf('/etc/passwd'), { type: 'missing' }, 'it may not be run');
  t.same(hostView.safetyOf('/etc'), { type: 'missing' }, 'a folder');
  t.same(hostView.safetyOf('/bin/true'), { type: 'safe' });
  t.same(hostView.safetyOf('true'), { type: 'safe' });
  t.end();
});

const skip = isRoot ? false : 'files that belong to root need root';
t.test('what others may change is unsafe, by the part of the path', { skip }, (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'keelson-')));
  t.teardown(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const inner = join(folder, 'inner');
  const script = join(inner, 'check.sh');
  mkdirSync(inner, { mode: 0o755 });
  writeFileSync(script, '#!/bin/sh\n');
  const at = (scriptMode: number, folderMode: number) => {
    chmodSync(script, scriptMode);
    chmodSync(inner, folderMode);
    return hostView.safetyOf(script);
  };
  t.same(at(0o755, 0o755), { type: 'safe' });
  t.same(at(0o757, 0o755), { type: 'unsafe', component: script });
  t.same(at(0o755, 0o777), { type: 'unsafe', component: inner });
  t.same(at(0o755, 0o1777), { type: 'safe' }, 'where only owners delete');
  t.same(at(0o644, 0o755), { type: 'missing' });
  chmodSync(script, 0o757);
  const link = join(folder, 'link');
  symlinkSync(script, link);
  t.same(hostView.safetyOf(link), { type: 'unsafe', component: script }, 'links are followed');
  t.end();
});
