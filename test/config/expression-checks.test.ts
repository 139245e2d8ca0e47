import t from 'tap';
import { type Diagnostic, formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { checkExpressions } from '../../src/config/expression-checks.js';
import { HostExpressions } from '../../src/host/regex.js';
import { configOf } from './text.js';

function told(url: string): readonly string[] {
  const { root } = configOf(`virtual_server 192.0.2.10 80 {
real_server 192.0.2.20 80 {
SSL_GET {
url {
path /
${url}
}
}
}
}
`);
  const report = new Report();
  checkExpressions(root, new HostExpressions(), report);
  return report.diagnostics.map((one: Diagnostic) => formatDiagnostic(one));
}

t.test('PCRE2 says what is wrong with an expression, and where', (t) => {
  t.same(told(''), []);
  t.same(told('regex "^a+ [bc]$"'), []);
  t.match(told('regex "(?<n>a)(?<n>b)"'), [
    /^\S+:6:1: notice: the regex does not compile: two named subpatterns .* \(octet \d+\)/,
  ]);
  t.same(told('regex "(?<n>a)(?<n>b)"\nregex_options dupnames'), []);
  t.same(told('regex "(a"'), [], 'what is seen at first sight is told elsewhere');
  t.match(told('regex "(a"\nregex_options extended'), [/missing closing parenthesis/]);
  t.end();
});
