// The rules of the configuration language, one small file each: our verdict is the one that
// Debian's keepalived gives; where that is installed, the recorded verdict is checked against it.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { askDebian, debianSkip } from './debian.js';
import type { Rule } from './rules/rule.js';
import { sections } from './rules/rules.js';
import { verdictOf } from './verdict.js';

const here = join(import.meta.dirname, 'rules');
const madeFolder = mkdtempSync(join(tmpdir(), 'keelson-rules-'));
t.teardown(() => rmSync(madeFolder, { recursive: true, force: true }));

type Row = { readonly name: string; readonly path: string; readonly rule: Rule };

function rowsOf(folder: string, rules: readonly Rule[]): Row[] {
  return rules.map((rule) => {
    const words = [`${folder}/${rule.file}`, ...(rule.options ?? [])];
    return { name: `${words.join(' ')}: ${rule.rule}`, path: pathOf(folder, rule), rule };
  });
}

function pathOf(folder: string, rule: Rule): string {
  if (rule.text === undefined) return join(here, folder, rule.file);
  const path = join(madeFolder, rule.file);
  writeFileSync(path, rule.text);
  return path;
}

const chapters = sections.map(({ folder, rules }) => ({ folder, rows: rowsOf(folder, rules) }));

for (const { folder, rows } of chapters) {
  t.test(`our verdict: ${folder}`, (t) => {
    for (const { name, path, rule } of rows) {
      const { exitCode, lines } = verdictOf(path, rule.options);
      t.equal(exitCode, rule.ours?.exit ?? rule.debian, name, { lines });
    }
    t.end();
  });
}

t.test("Debian's verdict is the recorded one", { skip: debianSkip }, async (t) => {
  const rows = chapters.flatMap(({ rows }) => rows);
  const answers = await askDebian(
    rows.map(({ path, rule }) => ({ path, options: rule.options ?? [], interfaces: 'all' })),
  );
  for (const [index, { name, rule }] of rows.entries()) {
    const { exitCode, output } = answers[index] ?? { exitCode: -1, output: '' };
    t.equal(exitCode, rule.debian, name, { output });
    if (rule.says === undefined) t.equal(output, '', `${name}: nothing said`);
    else t.ok(output.includes(rule.says), `${name}: ${rule.says}`, { output });
  }
});

t.test('every file of a section is in its table', (t) => {
  for (const { folder, rows } of chapters) {
    const named = new Set(rows.map(({ rule }) => rule.file));
    const files = readdirSync(join(here, folder)).filter((name) => name.endsWith('.conf'));
    t.ok(files.length > 0, folder);
    t.same(
      files.filter((name) => !named.has(name)),
      [],
      `${folder}: nothing unused`,
    );
  }
  t.end();
});

t.test('a difference is one, and has its reason', (t) => {
  for (const { name, rule } of chapters.flatMap(({ rows }) => rows)) {
    if (rule.ours === undefined) continue;
    t.not(rule.ours.exit, rule.debian, name);
    t.ok(rule.ours.because.length > 20, `${name}: ${rule.ours.because}`);
  }
  t.end();
});
