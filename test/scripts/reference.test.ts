import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { referenceFiles, referenceFolder } from '../../scripts/reference/files.js';

t.test('the pages in docs/ are what the keyword tables say', (t) => {
  for (const { path, text } of referenceFiles()) {
    t.ok(readFileSync(path, 'utf8') === text, `${path} is current (npm run reference)`);
  }
  const written = referenceFiles().map(({ path }) => path);
  for (const name of readdirSync(referenceFolder))
    t.ok(written.includes(`${referenceFolder}/${name}`));
  t.end();
});

t.test('every keyword that the tables have is in the manual page', (t) => {
  const manual = readFileSync('docs/man/keepalived.conf.5', 'utf8');
  for (const name of ['vrrp_instance', 'virtual_router_id', 'TCP_CHECK', 'connect_timeout']) {
    t.match(manual, new RegExp(`^\\.B ${name}`, 'm'));
  }
  t.end();
});
