// The files of conf/ are what people copy: they load without a complaint, mean what their comments
// say, and the router's is one that FRR takes.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { announcementPlan } from '../../src/routing/announcement/plan.js';
import { complaints, configOf, notices } from './text.js';

const folder = 'conf';
const router = 'docs/router.frr';
/** In the language of DPVS: test/config/dpvs-conf. */
const others = ['dpvs.conf'];
const vtysh = '/usr/bin/vtysh';
const skip = existsSync(vtysh) ? false : 'needs vtysh of FRR';

function textOf(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

t.test('every example loads, and all of it is acted on', (t) => {
  const files = readdirSync(folder).filter((file) => !others.includes(file));
  t.ok(files.length >= 4);
  for (const file of files) {
    t.same(complaints(textOf(file)), [], file);
    t.same(notices(textOf(file)), [], file);
  }
  t.end();
});

t.test('what is announced by the examples', (t) => {
  const announced = (file: string) => announcementPlan(configOf(textOf(file)).config).addresses;
  t.match(announced('bgp-ecmp.conf'), [
    { address: '203.0.113.10', bgp: [{ instance: 'edge', isAllowed: true }], drainMs: 30_000 },
  ]);
  t.match(announced('bgp-standby.conf'), [
    { address: '203.0.113.20', bgp: [{ isAllowed: true, degradedMed: 300 }] },
  ]);
  t.match(configOf(textOf('bgp-ecmp.conf')).config.bgpInstances, [
    {
      gracefulShutdownMs: 5_000,
      neighbors: [
        { hopsMin: 255, bfd: { instance: 'router', settings: { minTxMs: 100, multiplier: 3 } } },
      ],
    },
  ]);
  t.end();
});

t.test('FRR takes the file of the router', { skip }, (t) => {
  const said = execFileSync(vtysh, ['-C', '-f', router], { encoding: 'utf8' });
  t.equal(said.trim(), '');
  const wrong = ['-C', '-c', 'router bgp nobody'];
  t.throws(() => execFileSync(vtysh, wrong, { stdio: 'pipe' }), 'it says so when it does not');
  const password = /password (\S+)/.exec(readFileSync(router, 'utf8'))?.[1];
  for (const file of ['bgp-ecmp.conf', 'bgp-standby.conf']) {
    t.match(textOf(file), `password ${password}`, `${file}: the same key`);
  }
  t.end();
});
