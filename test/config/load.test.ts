import { err, ok } from 'neverthrow';
import t from 'tap';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { load } from '../../src/config/load.js';

type Files = Readonly<Record<string, string>>;

function read(files: Files): { lines: string[]; complaints: string[]; reads: number } {
  const report = new Report();
  let reads = 0;
  const readFile = (path: string) => {
    reads += 1;
    const text = files[path];
    return text === undefined ? err({ reason: 'no such file' }) : ok(text);
  };
  const loaded = load('/etc/k.conf', readFile, report)._unsafeUnwrap();
  const lines = loaded.map(({ file, line, text }) => `${file}:${line} ${text}`);
  return { lines, complaints: report.diagnostics.map(formatDiagnostic), reads };
}

t.test('an include stands for the lines of its file, which keep their place', (t) => {
  const files = {
    '/etc/k.conf': 'a\n include d/b.conf\nc',
    '/etc/d/b.conf': 'b\ninclude e.conf\ninclude /f.conf',
    '/etc/d/e.conf': 'e',
    '/f.conf': 'f',
  };
  const lines = ['/etc/k.conf:1 a', '/etc/d/b.conf:1 b', '/etc/d/e.conf:1 e', '/f.conf:1 f'];
  t.match(read(files), { lines: [...lines, '/etc/k.conf:3 c'], complaints: [] });
  t.end();
});

t.test('the name may be quoted, and a comment may follow', (t) => {
  for (const line of ['include b.conf # x', 'include b.conf#x', 'include "b.conf"! x']) {
    t.same(read({ '/etc/k.conf': line, '/etc/b.conf': 'b' }).lines, ['/etc/b.conf:1 b'], line);
  }
  const files = { '/etc/k.conf': 'include "a b.conf"', '/etc/a b.conf': 'b' };
  t.same(read(files).lines, ['/etc/a b.conf:1 b']);
  t.same(read({ '/etc/k.conf': '# include x\nincluded y' }).complaints, []);
  t.end();
});

t.test('includes end: in a circle, in the depth, in number', (t) => {
  const circle = read({ '/etc/k.conf': 'include a', '/etc/a': 'x\ninclude k.conf' });
  t.match(circle.complaints, [/^\/etc\/a:2:1: error: \/etc\/k\.conf includes itself/]);
  const chain = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`/etc/${index}`, `include ${index + 1}`]),
  );
  const deep = read({ ...chain, '/etc/k.conf': 'include 0' });
  t.match(deep.complaints, [/^\/etc\/14:1:1: error: includes are nested more than 16 deep$/]);
  const doubled = Object.fromEntries(
    Array.from({ length: 14 }, (_, index) => [`/etc/${index}`, `include ${index + 1}\n`.repeat(4)]),
  );
  const many = read({ ...doubled, '/etc/k.conf': 'include 0', '/etc/14': '' });
  t.equal(many.reads, 10_000);
  t.match(many.complaints, [/: error: more than 10000 files are included; the rest is not read$/]);
  t.end();
});

t.test('wildcards are refused with the way out', (t) => {
  t.match(read({ '/etc/k.conf': 'include conf.d/*.conf' }).complaints, [
    /^\/etc\/k\.conf:1:1: error: wildcards in include are not supported yet; name each file/,
  ]);
  t.end();
});
