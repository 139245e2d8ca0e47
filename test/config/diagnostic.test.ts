import t from 'tap';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';

const at = (line: number, column = 1, file = 'f') => ({ file, line, column });

t.test('the report follows the text, file by file', (t) => {
  const report = new Report();
  report.error('config.a', at(9), 'third');
  report.warning('config.b', at(2, 5), 'second');
  report.notice('config.c', at(1, 1, 'g'), 'fourth');
  report.error('config.d', at(2, 1), 'first');
  t.same(report.diagnostics.map(formatDiagnostic), [
    'f:2:1: error: first',
    'f:2:5: warning: second',
    'f:9:1: error: third',
    'g:1:1: notice: fourth',
  ]);
  t.end();
});

t.test('however many warnings there are, an error is seen', (t) => {
  const report = new Report();
  for (let line = 1; line <= 1500; line++) report.warning('config.w', at(line), 'w');
  report.error('config.e', at(2000), 'the one that matters');
  t.same(report.diagnostics.slice(-2).map(formatDiagnostic), [
    'f:2000:1: error: the one that matters',
    'f:1001:1: warning: 500 more of this severity are not shown, the first one here',
  ]);
  t.equal(report.diagnostics.length, 1002);
  t.end();
});

t.test('what is not acted on is said once, and not of what is inside', (t) => {
  const report = new Report();
  report.notActedOn('block', at(1));
  report.withoutNotActedOn(() => report.notActedOn('inside', at(2)));
  report.notActedOn('block', at(3));
  report.notActedOn('other', at(4));
  t.same(report.diagnostics.map(formatDiagnostic), [
    'f:1:1: notice: "block" is accepted but not acted on',
    'f:4:1: notice: "other" is accepted but not acted on',
  ]);
  t.end();
});

t.test('the same complaint of the same place is made once', (t) => {
  const report = new Report();
  report.error('config.a', at(1), 'twice');
  report.error('config.a', at(1), 'twice');
  report.error('config.a', at(1), 'another');
  t.equal(report.diagnostics.length, 2);
  t.end();
});
