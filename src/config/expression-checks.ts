// Regular expressions of pages, read by PCRE2 itself. keepalived logs what is wrong with one, and
// its test of the file does not fail; the check does.
import type { Expressions } from '../ports/regex.js';
import type { httpGetTable } from './checker-http-table.js';
import { expressionOf } from './checkers/http.js';
import type { Report } from './diagnostic.js';
import type { Root } from './root-table.js';
import type { Settings } from './settings.js';
import { faultOfUrl } from './url-checks.js';

export function checkExpressions(root: Root, expressions: Expressions, report: Report): void {
  for (const { value: service } of root.all('virtual_server')) {
    for (const { value: server } of service.settings.all('real_server')) {
      for (const name of ['HTTP_GET', 'SSL_GET'] as const) {
        for (const { value } of server.settings.all(name)) {
          checkUrls(value as unknown as Settings<typeof httpGetTable>, expressions, report);
        }
      }
    }
  }
}

function checkUrls(
  check: Settings<typeof httpGetTable>,
  expressions: Expressions,
  report: Report,
): void {
  for (const { value: url } of check.all('url')) {
    const found = url.found('regex');
    const expression = expressionOf(url);
    // What is wrong at first sight has been said.
    if (found === undefined || expression === null || faultOfUrl(url) !== null) continue;
    const compiled = expressions.compile(expression);
    if (compiled.isOk()) continue;
    const { reason, offset } = compiled.error;
    const message = `the regex does not compile: ${reason} (octet ${offset}); the check will fail`;
    report.notice('config.bad_regex', found.position, message);
  }
}
