import t from 'tap';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { KernelNames } from '../../src/config/kernel-names.js';
import { memoryFiles } from './text.js';

const position = { file: 'f', line: 1, column: 2 };

t.test('numbers, names of every machine, names of its files', (t) => {
  const files = memoryFiles({
    '/usr/rt_tables': '# tables\n100 office\n0x65\thex # a comment\n12 nonsense',
    '/etc/rt_tables': '200 office\n',
    '/etc/rt_tables.d/ours.conf': '300 lab\n',
    '/etc/rt_tables.d/other.txt': '400 nothing\n',
    '/etc/rt_protos': '999 toolarge\n',
    '/etc/rt_protos.d/frr.conf': '196 static\n',
  });
  const names = new KernelNames(files, ['/usr', '/etc']);
  const report = new Report();
  const table = (word: string) => names.number('table', word, position, report);
  t.strictSame(['main', '7', '0x10', 'office', 'hex', 'lab'].map(table), [
    ...[254, 7, 16, 100, 0x65, 300],
  ]);
  t.equal(names.number('protocol', 'static', position, report), 4);
  t.strictSame(report.diagnostics, []);
  t.equal(table('nothing'), undefined);
  t.equal(names.number('protocol', 'toolarge', position, report), undefined);
  t.equal(names.number('scope', '256', position, report), undefined);
  t.strictSame(report.diagnostics.map(formatDiagnostic), [
    'f:1:2: error: "nothing" is no table that is known here; ' +
      'write a number, 0-4294967295, or add the name to /etc/rt_tables',
    'f:1:2: error: "toolarge" is no protocol that is known here; ' +
      'write a number, 0-255, or add the name to /etc/rt_protos',
    'f:1:2: error: "256" is no scope that is known here; ' +
      'write a number, 0-255, or add the name to /etc/rt_scopes',
  ]);
  t.end();
});

t.test('without files the names of every machine are known', (t) => {
  const names = new KernelNames(null, ['/etc/iproute2']);
  const report = new Report();
  t.equal(names.number('protocol', 'keepalived', position, report), 18);
  t.equal(names.number('scope', 'link', position, report), 253);
  t.equal(names.number('realm', 'office', position, report), undefined);
  t.end();
});
