// Scripts that check real servers and scripts that are told of them, through a whole daemon: exit
// codes become weights in the data plane, what hangs is ended, and the end of the daemon is told.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { isAlive, waitFor } from '../../scripts/lab/namespaces.js';
import { patienceMs, ServicesNode } from './services-node.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const [dynamic, hanging, unchecked] = ['198.51.100.1', '198.51.100.2', '198.51.100.3'] as const;

function configuration(node: ServicesNode): string {
  const tell = (word: string) => `"${node.path('tell')} ${word}"`;
  const server = (address: string, check: string) => `real_server ${address} 8080 {
weight 5
notify_up ${tell(`up-${address.slice(-1)}`)}
notify_down ${tell(`down-${address.slice(-1)}`)}
MISC_CHECK {
${check}
}
}
`;
  return `global_defs {
script_user root
lvs_notify_fifo ${node.path('fifo')}
}
virtual_server 192.0.2.100 80 {
delay_loop 0.2
lb_algo wlc
lb_kind FNAT
protocol TCP
laddr_group_name back
quorum_up ${tell('gained')}
quorum_down ${tell('lost')}
omega
${server(dynamic, `misc_path "${node.path('dynamic')}"\nmisc_dynamic\nmisc_timeout 20`)}
${server(hanging, `misc_path "${node.path('hanging')}"\nmisc_timeout 1`)}
${server(unchecked, `misc_path ${node.path('missing')}`)}
}
`;
}

function writeScripts(node: ServicesNode): void {
  const scripts = {
    dynamic: `exit $(cat ${node.path('code')})`,
    hanging: `[ -e ${node.path('hang')} ] || exit 0
trap '' TERM
sleep 1000 & echo $! > ${node.path('sleeper')}
wait; wait; wait`,
    tell: `echo "$@" >> ${node.path('told')}`,
  };
  for (const [name, body] of Object.entries(scripts)) {
    writeFileSync(node.path(name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  writeFileSync(node.path('code'), '0');
}

t.test('scripts decide, and scripts are told', { skip, timeout: 240_000 }, async (t) => {
  const node = new ServicesNode('x', []);
  t.teardown(() => node.remove());
  const text = (name: string) =>
    existsSync(node.path(name)) ? readFileSync(node.path(name), 'utf8') : '';
  const waitForText = (name: string, wanted: RegExp) =>
    waitFor(`${wanted} in ${name}`, patienceMs, () => wanted.test(text(name)));
  mkdirSync(node.path('run'));
  writeScripts(node);
  execFileSync('mkfifo', [node.path('fifo')]);
  const lines = openSync(node.path('lines'), 'a');
  const reader = spawn('cat', [node.path('fifo')], { stdio: ['ignore', lines, 'ignore'] });
  t.teardown(() => reader.kill('SIGKILL'));
  node.write(configuration(node));
  node.start();

  await node.waitForTable(`${dynamic}:8080 5`, `${hanging}:8080 5`, `${unchecked}:8080 5`);
  await node.waitForLog(/Misc check for \[\[198\.51\.100\.\d\]:8080\] by \[.*\] succeeded\./, 2);
  t.equal(node.log(/MISC_CHECK is left out: there is no program .*missing to run/).length, 1);
  await waitForText('told', /^gained$/m);
  await waitForText('lines', /^VS \[192\.0\.2\.100\]:tcp:80 UP$/m);

  writeFileSync(node.path('code'), '9');
  await node.waitForTable(`${dynamic}:8080 7`, `${hanging}:8080 5`, `${unchecked}:8080 5`);
  t.match(node.log(/Changing weight/)[0], /from 5 to 7 for active service/);
  writeFileSync(node.path('code'), '1');
  await node.waitForTable(`${hanging}:8080 5`, `${unchecked}:8080 5`);
  t.equal(node.log(/by \[.*dynamic\] failed \(exited with status 1\)/).length, 1);
  await waitForText('told', /^down-1$/m);
  writeFileSync(node.path('code'), '0');
  await node.waitForTable(`${dynamic}:8080 5`, `${hanging}:8080 5`, `${unchecked}:8080 5`);

  writeFileSync(node.path('hang'), '');
  await node.waitForLog(/by \[.*hanging\] timed out/);
  await node.waitForTable(`${dynamic}:8080 5`, `${unchecked}:8080 5`);
  t.equal(node.log(/failed \(exited with status 1\)/).length, 1, 'the others went on meanwhile');
  await node.stopDaemon();
  await waitForText('told', /^lost$/m);
  t.same(
    text('told').trim().split('\n').toSorted(),
    ['down-1', 'down-1', 'down-2', 'down-3', 'gained', 'lost', 'up-1'],
    'with omega the end is told as well',
  );
  t.same(
    text('lines')
      .match(/^VS .*$/gm)
      ?.at(-1),
    'VS [192.0.2.100]:tcp:80 DOWN',
  );
  t.same(text('lines').match(/^RS \[198\.51\.100\.1\].*$/gm), [
    'RS [198.51.100.1]:tcp:8080 [192.0.2.100]:tcp:80 DOWN',
    'RS [198.51.100.1]:tcp:8080 [192.0.2.100]:tcp:80 UP',
    'RS [198.51.100.1]:tcp:8080 [192.0.2.100]:tcp:80 DOWN',
  ]);
  await waitFor('nothing of a check is left', patienceMs, () => !isAlive(Number(text('sleeper'))));
});
