// The pages of HTTP_GET and SSL_GET: there is one at least, each has a path, and what is said of a
// regular expression has one.
import type { Position } from '../../grammar/syntax-tree.js';
import type { httpGetTable, urlTable } from './checker-http-table.js';
import type { Report } from './diagnostic.js';
import type { realServerTable } from './real-server-table.js';
import { regexFault } from './regex-fault.js';
import type { Settings } from './settings.js';

type Url = Settings<typeof urlTable>;

const regexCompanions = [
  'regex_no_match',
  'regex_options',
  'regex_min_offset',
  'regex_max_offset',
  'regex_stack',
] as const;

export function checkPages(settings: Settings<typeof realServerTable>, report: Report): void {
  for (const name of ['HTTP_GET', 'SSL_GET'] as const) {
    for (const { value, position } of settings.all(name)) {
      // What SSL_GET has beyond HTTP_GET needs no look.
      const check = value as unknown as Settings<typeof httpGetTable>;
      if (!check.has('url')) {
        const message = `${name} has no url and is left out: url { path / }`;
        report.error('config.missing_keyword', position, message);
      }
      for (const url of check.all('url')) checkUrl(url.value, url.position, report);
    }
  }
}

function checkUrl(url: Url, position: Position, report: Report): void {
  if (!url.has('path')) {
    report.error('config.missing_keyword', position, 'the url has no path and is left out: path /');
  }
  const regex = url.found('regex');
  const fault = faultOfUrl(url);
  if (regex !== undefined && fault !== null) {
    report.notice('config.bad_regex', regex.position, `the regex does not compile: ${fault}`);
  }
  for (const keyword of url.has('regex') ? [] : regexCompanions) {
    const found = url.found(keyword);
    if (found === undefined) continue;
    report.notice('config.no_effect', found.position, `nothing comes of ${keyword} without regex`);
  }
  const most = url.found('regex_max_offset');
  if (most === undefined || url.value('regex_min_offset') <= most.value) return;
  const message = `regex_max_offset ${most.value} is below regex_min_offset; both are left out`;
  report.notice('config.conflict', most.position, message);
}

/** What is wrong with its expression at first sight, without PCRE2; null: nothing. */
export function faultOfUrl(url: Url): string | null {
  // Comments of extended expressions may hold any bracket.
  const isExtended = url.all('regex_options').some(({ value }) => value.includes('extended'));
  const regex = url.value('regex');
  return regex === undefined || isExtended ? null : regexFault(regex);
}
