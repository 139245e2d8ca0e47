// biome-ignore-all lint/suspicious/noTemplateCurlyInString: keepalived writes its definitions so
import fc from 'fast-check';
import t from 'tap';
import { Report } from '../../src/config/diagnostic.js';
import { load } from '../../src/config/load.js';
import { type Files, loaded, TextFiles } from './loaded.js';

const settings = { configId: 'main', requiresAll: false, random: () => 0.5 };

function placed(files: Files) {
  const { lines, complaints, reads } = loaded(files);
  return {
    lines: lines.map(({ file, line, text }) => `${file}:${line} ${text}`),
    complaints,
    reads,
  };
}

t.test('an include stands for the lines of its file, which keep their place', (t) => {
  const files = {
    '/etc/k.conf': 'a\n include d/b.conf\nc',
    '/etc/d/b.conf': 'b\ninclude e.conf\ninclude /f.conf',
    '/etc/d/e.conf': 'e',
    '/f.conf': 'f',
  };
  const lines = ['/etc/k.conf:1 a', '/etc/d/b.conf:1 b', '/etc/d/e.conf:1 e', '/f.conf:1 f'];
  t.match(placed(files), { lines: [...lines, '/etc/k.conf:3 c'], complaints: [] });
  t.end();
});

t.test('includes end: in a circle, in the depth, in number', (t) => {
  const circle = placed({ '/etc/k.conf': 'include a', '/etc/a': 'x\ninclude k.conf' });
  t.match(circle.complaints, [
    '/etc/a:2:1: error: /etc/k.conf includes itself (/etc/k.conf -> /etc/a -> /etc/k.conf)',
  ]);
  const chain = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`/etc/${index}`, `include ${index + 1}`]),
  );
  const deep = placed({ ...chain, '/etc/30': '', '/etc/k.conf': 'include 0' });
  t.match(deep.complaints, [/^\/etc\/14:1:1: error: includes are nested more than 16 deep$/]);
  const doubled = Object.fromEntries(
    Array.from({ length: 14 }, (_, index) => [`/etc/${index}`, `include ${index + 1}\n`.repeat(4)]),
  );
  const many = placed({ ...doubled, '/etc/k.conf': 'include 0', '/etc/14': '' });
  t.equal(many.reads, 10_000);
  t.match(many.complaints, [/: error: more than 10000 files are included; the rest is not read$/]);
  t.end();
});

t.test('the main file may be a pattern; what is no file is skipped', (t) => {
  const files = new TextFiles({
    '/c/2.conf': 'two',
    '/c/1.conf': '$X=one\n$X',
    '/c/3.conf/x': '',
    '/c/4.conf': null,
    '/c/5.conf': 'unreadable',
  });
  const report = new Report();
  const lines = load('/c/*.conf', files, settings, report)._unsafeUnwrap();
  t.same(
    lines.map(({ text }) => text),
    ['one', 'two'],
  );
  t.match(report.diagnostics, [
    { severity: 'warning', file: '/c/*.conf', message: 'this names 2 files' },
    { severity: 'notice', file: '/c/3.conf', line: 0, message: /^is a directory/ },
    { severity: 'notice', file: '/c/4.conf', message: /^is executable/ },
    { severity: 'notice', file: '/c/5.conf', message: /^permission denied/ },
  ]);
  t.end();
});

t.test('why no main file can be read', (t) => {
  const files = new TextFiles({ '/d/x': '', '/script': null, '/secret': 'unreadable' });
  const cases = {
    '/none': 'no such file or directory',
    '/none*': 'no file matches',
    '/d': 'is a directory',
    '/script': 'is executable',
    '/secret': 'permission denied',
  };
  for (const [path, reason] of Object.entries(cases)) {
    const report = new Report();
    const error = load(path, files, settings, report)._unsafeUnwrapErr();
    t.equal(error, reason, path);
    t.same(report.diagnostics, [], 'the caller says it');
  }
  t.end();
});

t.test('long lines and NUL characters', (t) => {
  const long = loaded(`${'a'.repeat(1023)}\n${'b'.repeat(1024)}\n${'c'.repeat(65_537)}\nd`);
  t.same(
    long.texts.map((text) => text.length),
    [1023, 1024, 1],
  );
  t.match(long.complaints, [
    /^\/etc\/k\.conf:2:1: warning: keepalived cuts a line at 1023 characters/,
    /^\/etc\/k\.conf:3:1: error: a line of more than 65536 characters is left out/,
  ]);
  t.same(long.codes, ['warning config.long_line', 'error config.too_long']);
  const expanded = loaded(`$A=${'a'.repeat(600)}\n\${A}\${A}`);
  t.same(expanded.codes, ['warning config.long_line']);
  const binary = loaded('a\nb\0c\nd');
  t.match(binary, { texts: ['a', 'd'], codes: ['error config.nul'] });
  t.end();
});

t.test('plain lines come out as they stand, comments and blanks included', (t) => {
  const text =
    '# $A ${B} ~SEQ(i,2)\n  ! @x\n\n\tpriority 100 # $A\nscript "a # b"\n# include x\nincluded y';
  t.match(loaded(text), { texts: text.split('\n'), complaints: [] });
  t.ok(loaded(text).lines.every(({ column }) => column === null));
  t.end();
});

t.test('any text ends in lines and complaints', (t) => {
  const piece = fc.constantFrom(
    ...['$A=', '$B=', '${A}', '$B', '${B', '~SEQ(A,2) ', '~SEQx(i,3,0)', '~LST({A,B},{1,2},3) '],
    ...['@main ', '@^main ', '@x', '\\\n', '\n', '\n', '{ ', '}', '"', '#', '!', '\\', ' ', 'a'],
    ...['include k.conf', 'includea b\n', 'include_check -match', '${_RANDOM 1 2}', '${_ENV X}'],
    ...['~SEQ(', '(', ')', ',', '$', '~', '1', '\r', '\0', '*', '[', ']'],
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, text, (main, other) => {
      const { lines } = loaded({ '/etc/k.conf': main, '/etc/b': other });
      for (const { text, line } of lines) t.ok(!text.includes('\n') && line > 0);
    }),
    { numRuns: 500, seed: 1 },
  );
  t.end();
});
