import t from 'tap';
import type { Page } from '../../../src/config/checkers/http.js';
import { Response } from '../../../src/health/http/response.js';
import { pageFault } from '../../../src/health/http/verdict.js';
import { HostExpressions } from '../../../src/host/regex.js';
import { expression, page } from './examples.js';

const expressions = new HostExpressions();

function faultOf(text: string, parts: Partial<Page> = {}): string | null {
  const wanted = page(parts);
  const compiled =
    wanted.expression === null ? null : expressions.compile(wanted.expression)._unsafeUnwrap();
  const algorithm = wanted.digest?.algorithm ?? null;
  const response = new Response({ algorithm, isMatched: compiled !== null });
  if (text !== '') response.take(new TextEncoder().encode(text));
  return pageFault(wanted, response, compiled);
}

const hello = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello world\n';
const sum = { algorithm: 'md5', digits: '6f5902ac237024bdd0c176cb93063dc4' } as const;
const otherSum = { algorithm: 'md5', digits: '0'.repeat(32) } as const;

t.test('data, status, sum, expression: the first that is wrong is told', (t) => {
  t.equal(faultOf(''), 'Read, no data received');
  t.equal(
    faultOf('HTTP/1.1 200 OK\r\nX: y\r\n'),
    'Read, no data received: the head of the answer does not end',
  );
  t.equal(faultOf('garbage\r\n\r\nfoo'), 'HTTP status code error: there is none');
  t.equal(faultOf(hello), null);
  t.equal(faultOf('HTTP/1.1 204 No\r\n\r\n'), null);
  t.equal(faultOf('HTTP/1.1 302 F\r\n\r\n'), 'HTTP status code error: 302');
  const all = { digest: otherSum, expression: expression('nothing') };
  t.equal(faultOf(hello, { ...all, statusCodes: [] }), 'HTTP status code error: 200');
  t.equal(faultOf(hello, all), `MD5 digest error: ${sum.digits}`);
  t.equal(faultOf(hello, { ...all, digest: sum }), 'Regex match failed');
  t.equal(faultOf(hello, { digest: sum, expression: expression('h.l+o') }), null);
  t.end();
});

t.test('status codes', (t) => {
  const statusCodes = [
    { first: 200, last: 200 },
    { first: 301, last: 303 },
  ];
  const faults = [199, 200, 201, 300, 301, 303, 304].filter(
    (code) => faultOf(`HTTP/1.1 ${code} x\r\n\r\n`, { statusCodes }) !== null,
  );
  t.same(faults, [199, 201, 300, 304]);
  t.end();
});

t.test('other sums', (t) => {
  const digits = '22596363b3de40b06f981fb85d82312e8c0ed511';
  t.equal(faultOf(hello, { digest: { algorithm: 'sha1', digits } }), null);
  const wrong = { algorithm: 'sha256', digits: 'f'.repeat(64) } as const;
  t.match(faultOf(hello, { digest: wrong }), /^SHA-256 digest error: [0-9a-f]{64}$/);
  t.end();
});

// As keepalived 2.2.7 does, asked with a server that sends head and page in one segment.
t.test('the expression sees the head as well, and offsets count from its first octet', (t) => {
  const matches = (pattern: string, parts = {}): boolean =>
    faultOf(hello, { expression: expression(pattern, parts) }) === null;
  t.ok(matches('^HTTP'));
  t.ok(matches('Content'));
  t.notOk(matches('^hello'));
  t.ok(matches('^hello', { options: ['multiline'] }));
  t.notOk(matches('world', { offsetMax: 44 }));
  t.ok(matches('world', { offsetMax: 45 }));
  t.ok(matches('hello', { offsetMin: 39 }));
  t.notOk(matches('hello', { offsetMin: 40 }));
  t.ok(matches('hello', { isForbidden: true, offsetMin: 40 }));
  t.notOk(matches('hello', { isForbidden: true }));
  t.notOk(matches('hello', { offsetMin: 5000 }));
  t.end();
});

t.test('what cannot be matched is no match, and no match that was forbidden', (t) => {
  const invalid = 'HTTP/1.1 200 OK\r\n\r\n\u00ff';
  const bytes = Buffer.from(invalid, 'latin1');
  for (const isForbidden of [false, true]) {
    const wanted = page({ expression: expression('x', { options: ['utf'], isForbidden }) });
    const compiled = expressions.compile(expression('x', { options: ['utf'] }))._unsafeUnwrap();
    const response = new Response({ algorithm: null, isMatched: true });
    response.take(bytes);
    t.match(pageFault(wanted, response, compiled), /^Regex match failed: UTF-8 error/);
  }
  t.end();
});
