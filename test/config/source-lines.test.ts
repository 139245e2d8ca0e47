import t from 'tap';
import { Complaints } from '../../src/config/complaints.js';
import { Report } from '../../src/config/diagnostic.js';
import { SourceLines } from '../../src/config/source-lines.js';

const place = { file: 'k.conf', line: 7 };

t.test('more lines than there may be: one error, at the first that is too many', (t) => {
  const report = new Report();
  const output = new SourceLines(new Complaints(report), { linesMax: 2, workMax: 1000 });
  for (const text of ['a', 'b', 'c', 'd']) output.push({ ...place, text, column: null });
  t.same(
    output.lines.map(({ text }) => text),
    ['a', 'b'],
  );
  t.ok(output.isFull);
  t.match(report.diagnostics, [
    { ...place, severity: 'error', code: 'config.too_long', message: /more than 2 lines/ },
  ]);
  t.end();
});

t.test('more expansion than there may be: one error', (t) => {
  const report = new Report();
  const output = new SourceLines(new Complaints(report), { linesMax: 2, workMax: 1000 });
  const position = { ...place, column: 3 };
  t.ok(output.spend(900, position));
  t.notOk(output.isFull);
  t.notOk(output.spend(100, position));
  t.notOk(output.spend(100, { ...place, column: 4 }));
  t.match(report.diagnostics, [{ ...position, code: 'config.too_long' }]);
  t.equal(report.diagnostics.length, 1);
  t.end();
});
