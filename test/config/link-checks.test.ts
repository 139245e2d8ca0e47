import t from 'tap';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { checkLinks } from '../../src/config/link-checks.js';
import { configOf, mainFile } from './text.js';

/** What the checks alone say. */
function said(text: string): string[] {
  const report = new Report();
  checkLinks(configOf(text).root, report);
  return report.diagnostics.map((one) => formatDiagnostic(one).replace(`${mainFile}:`, ''));
}

const group = (lines: string) => `garp_group {\n${lines}\n}\n`;

t.test('a time and an interface are enough', (t) => {
  t.same(
    said(group('garp_interval 0\ninterface eth0') + group('gna_interval 1\ninterface lo')),
    [],
  );
  t.end();
});

t.test('an interface is in one group', (t) => {
  const first = group('garp_interval 1\ninterfaces {\neth0 eth1\n}');
  t.same(said(first + group('gna_interval 1\ninterface eth1')), [
    `9:1: error: eth1 is in a garp_group already at ${mainFile}:4`,
  ]);
  t.same(said(group('garp_interval 1\ninterface eth0\ninterface eth0')), [
    `4:1: error: eth0 is in a garp_group already at ${mainFile}:3`,
  ]);
  t.end();
});

t.test('a group without a time, without interfaces', (t) => {
  t.same(said(group('interface eth0')), [
    '1:1: error: the garp_group has neither garp_interval nor gna_interval and is left out',
  ]);
  t.same(said(group('garp_interval 1')), [
    '1:1: notice: nothing comes of a garp_group without interfaces',
  ]);
  t.same(said(group('garp_interval 1\ninterfaces {\n}')), [
    '3:1: warning: interfaces is empty; put names into it or remove it',
  ]);
  t.end();
});

t.test('delays and methods as they are read', (t) => {
  const { root } = configOf(`interface_up_down_delays {
eth0
eth1 1.5
eth2 0 2
}
linkbeat_interfaces {
eth0
eth1 MII
}
`);
  const delays = root.all('interface_up_down_delays').flatMap(({ value }) => value);
  t.same(
    delays.map(({ value }) => value),
    [
      { interface: 'eth0', downMs: 0, upMs: 0 },
      { interface: 'eth1', downMs: 1500, upMs: 0 },
      { interface: 'eth2', downMs: 0, upMs: 2000 },
    ],
  );
  const beats = root.all('linkbeat_interfaces').flatMap(({ value }) => value);
  t.same(
    beats.map(({ value }) => value),
    [
      { interface: 'eth0', method: null },
      { interface: 'eth1', method: 'MII' },
    ],
  );
  t.end();
});
