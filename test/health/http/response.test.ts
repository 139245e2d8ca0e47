import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { headEnd, headOf } from '../../../src/health/http/head.js';
import {
  headBytesMax,
  type Progress,
  pageBytesEnough,
  Response,
  type ResponseUse,
  summedBytesMax,
} from '../../../src/health/http/response.js';
import { pieces } from '../../sim/flows.js';

const encoder = new TextEncoder();
const head = (text: string) => headOf(encoder.encode(text));

t.test('what a head says', (t) => {
  t.same(head('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n'), { statusCode: 200, pageBytes: 12 });
  t.same(head('HTTP/1.0 404\r\ncontent-length:\t7 \r\n\r\n'), { statusCode: 404, pageBytes: 7 });
  t.same(head('HTTP/1.1 204 No Content\r\n\r\n'), { statusCode: 204, pageBytes: 0 });
  t.same(head('HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n'), { statusCode: 304, pageBytes: 0 });
  t.same(head('HTTP/1.1 200 OK\r\n\r\n'), { statusCode: 200, pageBytes: null });
  for (const wrong of ['garbage', 'HTTP/1.1 20 x', 'HTTP/1.1 2000 x', 'HTTP/1.1 abc', '', ' 200']) {
    t.equal(head(`${wrong}\r\n\r\n`).statusCode, null, wrong);
  }
  const lengths = ['-1', '0x10', '1e3', '', '9'.repeat(16), '5\r\nContent-Length: 6'];
  for (const wrong of lengths) {
    t.equal(head(`HTTP/1.1 200 OK\r\nContent-Length: ${wrong}\r\n\r\n`).pageBytes, null, wrong);
  }
  const twice = head('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n');
  t.equal(twice.pageBytes, 5, 'said twice, but the same');
  t.equal(head('HTTP/1.1 200 OK\r\nX-Content-Length: 5\r\n\r\n').pageBytes, null);
  t.end();
});

t.test('where a head ends', (t) => {
  t.equal(headEnd(encoder.encode('a\r\n\r\nb'), 0), 5);
  t.equal(headEnd(encoder.encode('\r\r\n\r\n'), 0), 5);
  for (const none of ['', 'a\n\nb', 'a\r\n\r', '\r\n', '\r\n\n\r']) {
    t.equal(headEnd(encoder.encode(none), 0), null);
  }
  t.end();
});

const plain: ResponseUse = { algorithm: null, isMatched: false };
const full: ResponseUse = { algorithm: 'md5', isMatched: true };

type Told = {
  readonly progress: Progress;
  readonly digits: string;
  readonly octets: string;
  readonly status: number | null;
  readonly isCut: boolean;
};

function told(text: string | Uint8Array, use: ResponseUse, sizes: readonly number[] = []): Told {
  const response = new Response(use);
  let progress: Progress = { type: 'more' };
  for (const step of pieces(text, sizes)) {
    if (step.type !== 'piece') continue;
    progress = response.take(step.bytes);
    if (progress.type !== 'more') break;
  }
  const octets = Buffer.from(response.octets).toString('latin1');
  const status = response.head?.statusCode ?? null;
  return { progress, digits: response.digits, octets, status, isCut: response.isCut };
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

t.test('the sum is that of the page, as long as it says it is', (t) => {
  const start = 'HTTP/1.1 200 OK\r\nContent-Length:';
  t.match(told(`${start} 12\r\n\r\nhello world\n`, full), {
    progress: { type: 'complete' },
    digits: '6f5902ac237024bdd0c176cb93063dc4',
  });
  t.match(told(`${start} 3\r\n\r\nhello world\n`, full), {
    progress: { type: 'complete' },
    digits: md5('hel'),
  });
  t.match(told(`${start} 100\r\n\r\nhello`, full), {
    progress: { type: 'more' },
    digits: md5('hello'),
  });
  t.match(told('HTTP/1.1 200 OK\r\n\r\nhello', full), { progress: { type: 'more' } });
  t.match(told('HTTP/1.1 204 None\r\n\r\n', full), { progress: { type: 'complete' } });
  t.end();
});

t.test('any split of an answer says the same', (t) => {
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello world\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello world\n',
    'HTTP/1.0 503 No\r\n\r\n\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'garbage\r\n\r\nfoo',
    'no end\r\n',
  ];
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 80 });
  fc.assert(
    fc.property(fc.constantFrom(...answers), sizes, (answer, split) => {
      t.same(told(answer, full, split), told(answer, full));
    }),
  );
  t.end();
});

t.test('any octets at all are taken without an exception', (t) => {
  const octets = fc.uint8Array({ maxLength: 300 });
  fc.assert(fc.property(octets, (bytes) => told(bytes, full).progress.type !== 'refused'));
  t.end();
});

t.test('a head has a bound', (t) => {
  const long = `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(headBytesMax)}\r\n\r\n`;
  for (const sizes of [[], [1, 1, 1, 5000], Array.from({ length: headBytesMax }, () => 1)]) {
    t.same(told(long, plain, sizes).progress, {
      type: 'refused',
      reason: 'its head is longer than 16384 octets',
    });
  }
  const start = 'HTTP/1.1 200 OK\r\nX: ';
  const fits = start + 'a'.repeat(headBytesMax - start.length - 4);
  t.equal(told(`${fits}\r\n\r\n`, plain).status, 200);
  t.end();
});

t.test('a page is read as far as it says something', (t) => {
  const start = 'HTTP/1.1 200 OK\r\n\r\n';
  const page = Buffer.alloc(pageBytesEnough, 'a');
  const long = Buffer.concat([Buffer.from(start), page, page]);
  const sizes = Array.from({ length: 100 }, () => 60_000);
  t.match(told(long, plain, sizes), { progress: { type: 'complete' }, isCut: true });
  const matched = told(long, { algorithm: null, isMatched: true }, sizes);
  t.match(matched, { progress: { type: 'complete' }, isCut: true });
  t.ok(matched.octets.length <= headBytesMax + pageBytesEnough);
  t.ok(matched.octets.length >= pageBytesEnough);
  t.match(told(long, full, sizes), { progress: { type: 'more' } }, 'a sum needs all of it');
  t.end();
});

t.test('also what is summed up has a bound', (t) => {
  const response = new Response({ algorithm: 'sha256', isMatched: false });
  response.take(encoder.encode('HTTP/1.1 200 OK\r\n\r\n'));
  const piece = new Uint8Array(1024 * 1024);
  let last: Progress = { type: 'more' };
  let taken = 0;
  for (; last.type === 'more' && taken <= summedBytesMax; taken += piece.length) {
    last = response.take(piece);
  }
  t.equal(taken, summedBytesMax);
  t.same(last, { type: 'refused', reason: 'its page is longer than 67108864 octets' });
  t.end();
});
