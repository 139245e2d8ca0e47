// HTTP_GET and SSL_GET: the server is up while it serves the pages.
import type { Endpoint } from '../../net/address.js';
import type { TlsIdentity } from '../../ports/flows.js';
import type { ExpressionSettings } from '../../ports/regex.js';
import {
  type CheckConnection,
  type CheckDefaults,
  type CheckPace,
  connectionFrom,
  type KindDefaults,
  paceFrom,
} from '../checker.js';
import type { httpGetTable, sslGetTable, sslUrlTable, urlTable } from '../checker-http-table.js';
import type { PageDigest } from '../page-digest.js';
import type { Settings } from '../settings.js';
import type { StatusRange } from '../status-codes.js';

export type HttpProtocol = '1.0' | '1.0C' | '1.0K' | '1.1';

/** What a response must match, or with `isForbidden` must not. */
export type PageExpression = ExpressionSettings & {
  readonly isForbidden: boolean;
  /** Octets of the response before the first place where a match may begin, and the last one. */
  readonly offsetMin: number;
  readonly offsetMax: number | null;
};

export type Page = {
  readonly path: string;
  /** Whom the request asks; null: the address and port that are checked. */
  readonly host: string | null;
  /** Of the TLS handshake; null: none is sent. */
  readonly serverName: string | null;
  readonly statusCodes: readonly StatusRange[];
  readonly digest: PageDigest | null;
  readonly expression: PageExpression | null;
  /** tls_compliant: the end of the connection must be announced, as TLS wants it. */
  readonly needsCleanEnd: boolean;
};

export type HttpCheck = CheckPace &
  CheckConnection & {
    readonly type: 'HTTP_GET' | 'SSL_GET';
    /** One at least. */
    readonly pages: readonly Page[];
    readonly httpProtocol: HttpProtocol;
    /** fast_recovery: no pause between the pages while the server is not up. */
    readonly recoversFast: boolean;
    /** null: without TLS. */
    readonly tlsIdentity: TlsIdentity | null;
  };

const kind: KindDefaults = { retry: 1, delayBeforeRetryMs: 3000 };

const defaultCodes: readonly StatusRange[] = [{ first: 200, last: 299 }];

/** None of a check without pages. */
export function httpCheck(
  found: Settings<typeof httpGetTable>,
  server: Endpoint,
  outer: CheckDefaults,
): readonly HttpCheck[] {
  const pages = found.all('url').flatMap(({ value }) => pageOf(value, found, outer, false));
  return withPages(pages, {
    type: 'HTTP_GET',
    ...common(found, server, outer),
    pages,
    tlsIdentity: null,
  });
}

export function sslCheck(
  found: Settings<typeof sslGetTable>,
  server: Endpoint,
  outer: CheckDefaults,
): readonly HttpCheck[] {
  const isCompliant = found.value('tls_compliant') ?? false;
  const get = found as unknown as Settings<typeof httpGetTable>;
  const pages = found.all('url').flatMap(({ value }) => {
    const url = value as Settings<typeof sslUrlTable>;
    const needsCleanEnd = url.value('tls_compliant') ?? isCompliant;
    return pageOf(value as unknown as Settings<typeof urlTable>, get, outer, needsCleanEnd);
  });
  return withPages(pages, {
    type: 'SSL_GET',
    ...common(get, server, outer),
    pages,
    tlsIdentity: outer.tlsIdentity,
  });
}

function withPages(pages: readonly Page[], check: HttpCheck): readonly HttpCheck[] {
  return pages.length === 0 ? [] : [check];
}

function common(found: Settings<typeof httpGetTable>, server: Endpoint, outer: CheckDefaults) {
  return {
    ...paceFrom(found, outer, kind),
    ...connectionFrom(found, server, outer),
    httpProtocol: found.value('http_protocol'),
    recoversFast: found.value('fast_recovery'),
  };
}

/** None of a url without a path. */
function pageOf(
  url: Settings<typeof urlTable>,
  check: Settings<typeof httpGetTable>,
  outer: CheckDefaults,
  needsCleanEnd: boolean,
): readonly Page[] {
  const path = url.value('path');
  if (path === undefined) return [];
  const host = url.value('virtualhost') ?? check.value('virtualhost') ?? outer.virtualHost;
  const serverName = check.value('sni_name') ?? (check.value('enable_sni') ? host : null);
  const codes = url.all('status_code').flatMap(({ value }) => value);
  return [
    {
      path,
      host,
      serverName,
      statusCodes: codes.length === 0 ? defaultCodes : codes,
      digest: url.value('digest') ?? null,
      expression: expressionOf(url),
      needsCleanEnd,
    },
  ];
}

export function expressionOf(url: Settings<typeof urlTable>): PageExpression | null {
  const pattern = url.value('regex');
  if (pattern === undefined) return null;
  const offsetMin = url.value('regex_min_offset');
  const offsetMax = url.value('regex_max_offset') ?? null;
  const isEmptyRange = offsetMax !== null && offsetMin > offsetMax;
  return {
    pattern,
    options: [...new Set(url.all('regex_options').flatMap(({ value }) => value))],
    stack: url.value('regex_stack') ?? null,
    isForbidden: url.value('regex_no_match'),
    offsetMin: isEmptyRange ? 0 : offsetMin,
    offsetMax: isEmptyRange ? null : offsetMax,
  };
}
