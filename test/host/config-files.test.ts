import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { decodedText, HostConfigFiles } from '../../src/host/config-files.js';
import type { ConfigFiles } from '../../src/ports/config-files.js';

t.test('bytes become text', (t) => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  t.equal(decodedText(bytes(0x61, 0xc3, 0xa9)), 'aé');
  t.equal(decodedText(bytes(0xef, 0xbb, 0xbf, 0x61)), 'a', 'its mark is dropped');
  t.equal(decodedText(bytes(0xff, 0xfe, 0x61, 0, 0xe9, 0)), 'aé');
  t.equal(decodedText(bytes(0xfe, 0xff, 0, 0x61, 0, 0xe9)), 'aé');
  t.equal(decodedText(bytes(0x61, 0xe9)), 'aé', 'Latin-1');
  t.equal(decodedText(bytes(0x80, 0x9f)), '\x80\x9f', 'not Windows-1252');
  t.equal(decodedText(bytes()), '');
  t.end();
});

t.test('files, folders and the environment', (t) => {
  const folder = t.testdir({ 'a.conf': 'text\n', sub: {} });
  const script = join(folder, 'script');
  writeFileSync(script, '');
  chmodSync(script, 0o755);
  mkdirSync(join(folder, 'sub', 'deep'));
  const files: ConfigFiles = new HostConfigFiles({ SITE: 'north' });
  const file = join(folder, 'a.conf');
  t.equal(files.readText(file)._unsafeUnwrap(), 'text\n');
  t.equal(files.readText(join(folder, 'b'))._unsafeUnwrapErr().reason, 'no such file or directory');
  t.equal(files.readText(join(file, 'x'))._unsafeUnwrapErr().reason, 'not a directory');
  t.match(files.readText(folder)._unsafeUnwrapErr().reason, /directory/);
  t.same([...files.list(folder)._unsafeUnwrap()].sort(), ['a.conf', 'script', 'sub']);
  t.equal(files.list(file)._unsafeUnwrapErr().reason, 'not a directory');
  t.equal(files.kind(file), 'file');
  t.equal(files.kind(script), 'executable');
  t.equal(files.kind(folder), 'directory');
  t.equal(files.kind(join(folder, 'b')), 'missing');
  t.equal(files.kind(join(file, 'x')), 'missing');
  t.equal(files.kind('/dev/null'), 'other');
  t.equal(files.environment('SITE'), 'north');
  t.equal(files.environment('GONE'), undefined);
  t.equal(files.environment('toString'), undefined);
  t.end();
});
