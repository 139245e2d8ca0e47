// Every line of a service and every combination gets the verdict that Debian's keepalived gives it,
// which is checked where that is installed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { printConfig } from '../../src/config/print.js';
import { askDebian, debianSkip } from './debian.js';
import { judgedServerLines } from './server-lines.js';
import { judgedOtherwise, judgedServices } from './service-combinations.js';
import { judgedServiceLines } from './service-lines.js';
import { configOf } from './text.js';
import { verdictOf } from './verdict.js';

const folder = mkdtempSync(join(tmpdir(), 'keelson-services-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const agreed = [...judgedServiceLines, ...judgedServerLines, ...judgedServices];

const rows = [...agreed, ...judgedOtherwise].map(({ text, exitCode }, index) => {
  const path = join(folder, `${index}.conf`);
  writeFileSync(path, text);
  return { text, exitCode, path };
});

/** keepalived logs these and goes on; we complain, so that a reload cannot lose a service. */
const onlyLogged = [/there is no virtual_server_group/, /is defined already at/];

function isOnlyLogged(lines: readonly string[]): boolean {
  const complaints = lines.filter((line) => !line.includes(': notice: '));
  const isLogged = (line: string): boolean => onlyLogged.some((pattern) => pattern.test(line));
  return complaints.length > 0 && complaints.every(isLogged);
}

t.test('our verdict is that of Debian', (t) => {
  for (const { text, exitCode, path } of rows.slice(0, agreed.length)) {
    const verdict = verdictOf(path);
    if (exitCode === 0 && isOnlyLogged(verdict.lines)) t.equal(verdict.exitCode, 5, text);
    else if (verdict.exitCode !== exitCode) t.equal(verdict.exitCode, exitCode, text, verdict);
  }
  for (const [index, { ours, because, exitCode }] of judgedOtherwise.entries()) {
    const path = rows[agreed.length + index]?.path ?? '';
    t.equal(verdictOf(path).exitCode, ours, because);
    t.not(ours, exitCode, because);
  }
  t.ok(agreed.length > 700);
  t.end();
});

/** What is accepted one by one is accepted as one file, which is faster to ask for. */
const acceptedLines = [...judgedServiceLines, ...judgedServerLines].filter(
  ({ text, exitCode }) => exitCode === 0 && !text.includes('virtual_server_group'),
);

t.test("Debian's verdict is the recorded one", { skip: debianSkip }, async (t) => {
  const texts = new Set(acceptedLines.map(({ text }) => text));
  const joined = { text: [...texts].join(''), exitCode: 0, path: join(folder, 'joined.conf') };
  writeFileSync(joined.path, joined.text);
  const asked = [joined, ...rows.filter(({ text }) => !texts.has(text))];
  const questions = asked.map(({ path }) => ({ path, options: [], interfaces: 'all' as const }));
  const answers = await askDebian(questions);
  for (const [index, { text, exitCode }] of asked.entries()) {
    const { exitCode: actual, output } = answers[index] ?? { exitCode: -1, output: '' };
    if (actual !== exitCode) t.equal(actual, exitCode, text, { output });
  }
  t.equal(answers.length, asked.length);
});

t.test('what was printed prints the same', (t) => {
  for (const { text } of rows) {
    const printed = printConfig(configOf(text).root);
    const again = printConfig(configOf(printed).root);
    if (again !== printed) t.equal(again, printed, text);
  }
  t.ok(rows.length > 700);
  t.end();
});
