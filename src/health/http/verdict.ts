// Whether an answer is the one that a url wants: any data, status code, sum, expression, in
// keepalived's order.
import type { Page } from '../../config/checkers/http.js';
import type { Expression } from '../../ports/regex.js';
import type { Response } from './response.js';

/** What is wrong, in keepalived's words; null: nothing. `compiled`: the expression of the page. */
export function pageFault(
  { statusCodes, digest, expression }: Page,
  response: Response,
  compiled: Expression | null,
): string | null {
  const { head } = response;
  if (head === null) {
    if (response.bytes === 0) return 'Read, no data received';
    return 'Read, no data received: the head of the answer does not end';
  }
  const { statusCode } = head;
  if (statusCode === null) return 'HTTP status code error: there is none';
  if (!statusCodes.some(({ first, last }) => first <= statusCode && statusCode <= last)) {
    return `HTTP status code error: ${statusCode}`;
  }
  if (digest !== null && response.digits !== digest.digits) {
    return `${digestNames[digest.algorithm]} digest error: ${response.digits}`;
  }
  if (expression === null || compiled === null) return null;
  const outcome = compiled.match(response.octets, expression.offsetMin, expression.offsetMax);
  if (outcome.type === 'failed') return `Regex match failed: ${outcome.reason}`;
  if ((outcome.type === 'matched') !== expression.isForbidden) return null;
  if (expression.isForbidden) return 'Regex match failed: it matches';
  return response.isCut ? 'Regex match failed in the first MiB' : 'Regex match failed';
}

const digestNames = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256' } as const;
