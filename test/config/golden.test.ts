// Golden configurations: each .conf decodes to its .ok (canonical text), and that reads back the
// same. `npm run golden` rewrites the expectations.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { err, ok, type Result } from 'neverthrow';
import t from 'tap';
import { formatDiagnostic } from '../../src/config/diagnostic.js';
import { printConfig } from '../../src/config/print.js';
import { type ConfigRead, readConfig } from '../../src/config/read.js';

const folder = 'test/golden/config';

const fromDisk = (path: string): Result<string, { reason: string }> => {
  try {
    return ok(readFileSync(path, 'utf8'));
  } catch (cause) {
    return err({ reason: String(cause) });
  }
};

function read(t: Test, path: string, text?: string): ConfigRead {
  const readFile = text === undefined ? fromDisk : () => ok(text);
  const result = readConfig(path, readFile, 'this-host');
  if (result.isErr()) t.comment(result.error.map(formatDiagnostic).join('\n'));
  return result._unsafeUnwrap();
}

type Test = { comment: (text: string) => void };

const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));

for (const name of names) {
  t.test(name, (t) => {
    const { config } = read(t, `${folder}/${name}`);
    const printed = printConfig(config);
    const expected = `${folder}/${name.replace(/conf$/, 'ok')}`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, printed);
    t.equal(printed, readFileSync(expected, 'utf8'));
    const again = read(t, expected);
    t.same(again.config, config, 'what was printed reads back the same');
    t.same(again.warnings, [], 'and without a complaint');
    t.equal(printConfig(again.config), printed);
    t.end();
  });
}

t.test('every example in conf/ loads without a complaint', (t) => {
  for (const name of readdirSync('conf')) {
    t.same(read(t, `conf/${name}`).warnings.map(formatDiagnostic), [], name);
  }
  t.end();
});

t.test('there are golden files', (t) => {
  t.ok(names.length >= 2);
  t.end();
});
