import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from 'neverthrow';
import t from 'tap';
import { ask, complained, printed } from '../../src/cli/tool.js';
import { version, versionText } from '../../src/cli/version.js';
import { Served, shortDirectory } from '../dataplane/served.js';

const noPlace = { runtimeDirectory: undefined, instance: undefined };

t.test('the version is that of the package', (t) => {
  const file = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  t.equal(version, (JSON.parse(file) as { version: string }).version);
  t.equal(versionText('dpip'), `dpip ${version} (Keelson)\n`);
  t.end();
});

t.test('an answer is printed, a complaint names the program', async (t) => {
  const served = await Served.start(t);
  const environment = { DPVS_IPC_FILE: served.path };
  const { clock } = served;
  t.same(
    await ask('dpip', noPlace, environment, clock, () => Promise.resolve(ok('text\n'))),
    printed('text\n'),
  );
  t.same(await ask('dpip', noPlace, environment, clock, () => Promise.resolve(err('no'))), {
    exitCode: 1,
    output: '',
    complaint: 'dpip: no\n',
  });
});

t.test('nobody answers', async (t) => {
  const runtimeDirectory = shortDirectory(t);
  const { clock } = await Served.start(t);
  const place = { runtimeDirectory, instance: undefined };
  const question = () => Promise.resolve(ok(''));
  t.same(
    await ask('ipvsadm', place, {}, clock, question),
    complained(
      'ipvsadm',
      `the data plane does not answer at ${runtimeDirectory}/dataplane.sock: ` +
        'no such file or directory. Is dpvs running?',
    ),
  );
  const odd = await ask('ipvsadm', { ...place, instance: '../x' }, {}, clock, question);
  t.match(odd, { exitCode: 1, complaint: /^ipvsadm: "\.\.\/x" is not an instance name/ });
});
