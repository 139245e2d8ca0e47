// Golden configurations: each .conf decodes to its .ok (canonical text), and that reads back the
// same. `npm run golden` rewrites the expectations.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { type Diagnostic, formatDiagnostic } from '../../src/config/diagnostic.js';
import { printConfig } from '../../src/config/print.js';
import { type ConfigRead, readConfig } from '../../src/config/read.js';
import { HostConfigFiles } from '../../src/host/config-files.js';
import { configOf, loadSettings } from './text.js';

const folder = 'test/golden/config';

function read(path: string): ConfigRead {
  return readConfig(path, new HostConfigFiles(), {
    ...loadSettings,
    routerId: 'this-host',
    host: null,
  })._unsafeUnwrap();
}

/** Golden files use every keyword, also obsolete ones, which are warned of. */
function errorsOf({ diagnostics }: ConfigRead): string[] {
  const isError = ({ severity }: Diagnostic): boolean =>
    severity === 'error' || severity === 'fatal';
  return diagnostics.filter(isError).map(formatDiagnostic);
}

const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));

for (const name of names) {
  t.test(name, (t) => {
    const { config, root, diagnostics } = read(`${folder}/${name}`);
    t.same(errorsOf({ config, root, diagnostics }), []);
    const printed = printConfig(root);
    const expected = `${folder}/${name.replace(/conf$/, 'ok')}`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, printed);
    t.equal(printed, readFileSync(expected, 'utf8'));
    const again = configOf(printed);
    t.same(again.config, config, 'what was printed reads back the same');
    t.same(errorsOf(again), [], 'and without a complaint');
    t.equal(printConfig(again.root), printed);
    t.end();
  });
}

t.test('every example in conf/ loads without a complaint', (t) => {
  // dpvs.conf is a language of its own: see dpvs-conf/golden.test.ts.
  for (const name of readdirSync('conf').filter((name) => name !== 'dpvs.conf')) {
    const { diagnostics } = read(`conf/${name}`);
    const complaints = diagnostics.filter(({ severity }) => severity !== 'notice');
    t.same(complaints.map(formatDiagnostic), [], name);
  }
  t.end();
});

t.test('there are golden files', (t) => {
  t.ok(names.length >= 2);
  t.end();
});
