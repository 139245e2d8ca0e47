// Tags of dpvs.conf are blanked, whatever is in them, and nothing else is.
import t from 'tap';
import { Report } from '../../../src/config/diagnostic.js';
import { withoutTags } from '../../../src/config/dpvs-conf/tags.js';

function textOf(text: string, report = new Report()): string {
  const [line] = withoutTags([{ file: 'd.conf', line: 3, text, column: null }], report);
  return line?.text ?? '';
}

t.test('tags', (t) => {
  const cases: readonly [string, string][] = [
    ['<init> netif_defs <init> {', '       netif_defs        {'],
    ['  ttl 1 <1, {1}-"255" ! # >', `  ttl 1 ${' '.repeat(19)}`],
    ['{<a>b<c>', '{   b<c>'],
    ['"x"<a>', '"x"   '],
    ['<a><b>x', '      x'],
    ['x a<b c>', 'x a<b c>'],
    ['x "<a>" y', 'x "<a>" y'],
    ['x # <a', 'x # <a'],
    ['x\\# <a> y', 'x\\#     y'],
    ['x "open <a>', 'x "open <a>'],
  ];
  for (const [text, expected] of cases) t.equal(textOf(text), expected, text);
  t.end();
});

t.test('a tag that is not closed ends with the line', (t) => {
  const report = new Report();
  t.equal(textOf('mtu 9 <a', report), 'mtu 9   ');
  const message = 'this "<" begins a tag that is not closed; add a ">"';
  const place = { file: 'd.conf', line: 3, column: 7 };
  t.same(report.diagnostics, [{ severity: 'error', code: 'config.syntax', ...place, message }]);
  const again = new Report();
  withoutTags([{ file: 'd.conf', line: 1, text: '<a', column: 5 }], again);
  t.match(again.diagnostics, [{ column: 5 }], 'an expanded line has one place');
  t.end();
});
