// An HTTP_GET with one page, and parts of it as a test wants them.
import type { HttpCheck, Page, PageExpression } from '../../../src/config/checkers/http.js';
import { tcpCheck } from '../examples.js';

export function page(parts: Partial<Page> = {}): Page {
  return {
    path: '/',
    host: null,
    serverName: null,
    statusCodes: [{ first: 200, last: 299 }],
    digest: null,
    expression: null,
    needsCleanEnd: false,
    ...parts,
  };
}

export function expression(pattern: string, parts: Partial<PageExpression> = {}): PageExpression {
  return {
    pattern,
    options: [],
    stack: null,
    isForbidden: false,
    offsetMin: 0,
    offsetMax: null,
    ...parts,
  };
}

export function httpCheck(parts: Partial<HttpCheck> = {}): HttpCheck {
  return {
    ...tcpCheck(),
    type: 'HTTP_GET',
    pages: [page()],
    httpProtocol: '1.0',
    recoversFast: false,
    tlsIdentity: null,
    ...parts,
  };
}
