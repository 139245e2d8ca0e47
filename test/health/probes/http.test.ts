import fc from 'fast-check';
import t from 'tap';
import { noTlsIdentity } from '../../../src/config/checker.js';
import type { HttpCheck } from '../../../src/config/checkers/http.js';
import type { Outcome } from '../../../src/health/probe.js';
import { HttpProbe } from '../../../src/health/probes/http.js';
import { HostExpressions } from '../../../src/host/regex.js';
import { SimulatedClock } from '../../sim/clock.js';
import { pieces, type Script, ScriptedFlows, type Step } from '../../sim/flows.js';
import { expression, httpCheck, page } from '../http/examples.js';

const expressions = new HostExpressions();
const end: Step = { type: 'end' };
const hello = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello world\n';
const sum = { algorithm: 'md5', digits: '6f5902ac237024bdd0c176cb93063dc4' } as const;

function probeOf(scripts: readonly Script[], parts: Partial<HttpCheck> = {}) {
  const clock = new SimulatedClock();
  const flows = new ScriptedFlows(clock, scripts);
  return { clock, flows, probe: new HttpProbe(httpCheck(parts), { clock, flows, expressions }) };
}

/** What comes of one attempt: "succeeded", or the reason; and that the flow was closed. */
async function outcomeOf(script: Script, parts: Partial<HttpCheck> = {}): Promise<string> {
  const { flows, probe } = probeOf([script], parts);
  const outcome = await probe.attempt({ isUp: true });
  if (!('type' in script) && flows.closed !== 1) return 'its flow was left open';
  return outcome.type === 'failed' ? outcome.reason : outcome.type;
}

t.test('a page that failed is polled no sooner than it would be retried', async (t) => {
  const slow = { delayLoopMs: 1000, delayBeforeRetryMs: 3000 };
  t.equal(probeOf([], slow).probe.pollMs, 3000);
  t.equal(probeOf([], { ...slow, delayLoopMs: 5000 }).probe.pollMs, 5000);
});

t.test('connects and asks as the checker says', async (t) => {
  const identity = { ...noTlsIdentity, certificateFile: '/c.pem' };
  const { flows, probe } = probeOf([[...pieces(hello), end]], {
    type: 'SSL_GET',
    mark: 7,
    sourcePort: 1234,
    sourceInterface: 'eth0',
    tlsIdentity: identity,
    pages: [page({ path: '/a?b', host: 'www.x.org', serverName: 'sni.x.org' })],
  });
  t.equal(probe.name, 'HTTP_CHECK on service [192.0.2.5]:tcp:80');
  t.equal(probe.successLine, 'Remote Web server [192.0.2.5]:tcp:80 succeed on service.');
  t.same(await probe.attempt({ isUp: true }), { type: 'succeeded', weightChange: 0 });
  t.match(flows.opened, [
    {
      protocol: 'tcp',
      target: { address: '192.0.2.5', port: 80 },
      mark: 7,
      sourcePort: 1234,
      sourceInterface: 'eth0',
      tls: { serverName: 'sni.x.org', identity },
    },
  ]);
  t.match(flows.requests, [/^GET \/a\?b HTTP\/1\.0\r\n[\s\S]*\r\nHost: www\.x\.org\r\n\r\n$/]);
  const plain = probeOf([[...pieces(hello)]]);
  await plain.probe.attempt({ isUp: true });
  t.equal(plain.flows.opened[0]?.tls, null);
});

t.test('how an answer ends', async (t) => {
  const noLength = 'HTTP/1.1 200 OK\r\n\r\npart';
  t.equal(await outcomeOf(pieces(hello)), 'succeeded', 'no end is waited for');
  t.equal(await outcomeOf([...pieces(noLength), end]), 'succeeded');
  t.equal(
    await outcomeOf([...pieces(noLength), { type: 'reset' }]),
    'failed (Read error: Connection reset by peer, url /)',
  );
  t.equal(await outcomeOf([{ type: 'silence' }]), 'failed (Timeout WEB read, url /)');
  t.equal(await outcomeOf(pieces(noLength)), 'failed (Timeout HTTP read, url /)');
  t.equal(await outcomeOf([end]), 'failed (Read, no data received, url /)');
  t.equal(await outcomeOf({ type: 'refused' }), 'failed (Connection failed, url /)');
  t.equal(await outcomeOf({ type: 'timed_out' }), 'failed (Timeout connecting, url /)');
  t.equal(
    await outcomeOf({ type: 'failed', reason: 'no route' }),
    'failed (Connection failed: no route, url /)',
  );
});

t.test('what an unclean end of TLS is depends on tls_compliant', async (t) => {
  const cut: Step = { type: 'end', isClean: false };
  const strict = { pages: [page({ needsCleanEnd: true })] };
  t.equal(await outcomeOf([...pieces('HTTP/1.1 200 OK\r\n\r\npart'), cut]), 'succeeded');
  const reason = 'failed (SSL read error: no close_notify, url /)';
  t.equal(await outcomeOf([...pieces(hello), cut], strict), reason);
  t.equal(await outcomeOf([...pieces(hello), end], strict), 'succeeded');
  t.equal(await outcomeOf(pieces(hello), strict), 'failed (Timeout HTTP read, url /)');
  const endless = pieces(new Uint8Array(3_000_000));
  t.equal(
    await outcomeOf([...pieces(hello), ...endless], strict),
    'failed (SSL read error: it does not end, url /)',
  );
});

t.test('the whole exchange has one time limit', async (t) => {
  const slow = [...hello].flatMap((letter): Step[] =>
    pieces(letter).map((step) => ({ ...step, afterMs: 900 })),
  );
  const { clock, probe } = probeOf([slow], { connectTimeoutMs: 5000 });
  t.match(await probe.attempt({ isUp: true }), { reason: 'failed (Timeout HTTP read, url /)' });
  t.equal(clock.nowMs(), 5000);
});

t.test('a page without an end is read up to a bound', async (t) => {
  const endless = [
    ...pieces('HTTP/1.1 200 OK\r\n\r\n'),
    ...Array.from({ length: 100 }, () => pieces(new Uint8Array(50_000)).at(0) ?? end),
  ];
  t.equal(await outcomeOf(endless), 'succeeded', 'it does serve');
  const matched = { pages: [page({ expression: expression('nothing') })] };
  t.equal(await outcomeOf(endless, matched), 'failed (Regex match failed in the first MiB, url /)');
  const head = pieces(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100_000)}`);
  t.equal(
    await outcomeOf(head),
    'failed (Read error: its head is longer than 16384 octets, url /)',
  );
});

t.test('any split of any answer, hostile or not, has one verdict', async () => {
  const known = fc.constantFrom(
    hello,
    'HTTP/1.1 200 OK\r\n\r\nhello world\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello world\n',
    'HTTP/1.1 503 No\r\n\r\n',
    'HTTP/1.1 200 OK\r\n',
  );
  const answer = fc.oneof(known, fc.string({ maxLength: 60 }));
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 30 });
  const pages = [page({ digest: sum, expression: expression('hel') })];
  await fc.assert(
    fc.asyncProperty(answer, sizes, async (text, split) => {
      const whole = await outcomeOf([...pieces(text), end], { pages });
      return (await outcomeOf([...pieces(text, split), end], { pages })) === whole;
    }),
  );
});

const ok: Script = [...pieces(hello), end];
const wrong: Script = [...pieces('HTTP/1.1 503 No\r\n\r\n'), end];
const three = { pages: [page({ path: '/a' }), page({ path: '/b' }), page({ path: '/c' })] };

function word(outcome: Outcome): string {
  return outcome.type === 'advanced' ? outcome.next : outcome.type;
}

async function story(
  scripts: readonly Script[],
  parts: Partial<HttpCheck>,
  isUp: boolean | null,
): Promise<readonly string[]> {
  const { flows, probe } = probeOf(scripts, parts);
  const told: string[] = [];
  for (const _ of scripts) {
    const outcome = await probe.attempt({ isUp });
    const path = /^GET (\S+)/.exec(flows.requests.at(-1) ?? '')?.[1];
    told.push(`${path} ${word(outcome)}`);
  }
  return told;
}

t.test('several pages: one an attempt', async (t) => {
  t.same(await story([ok, ok, ok, ok], three, true), [
    '/a after_delay_loop',
    '/b after_delay_loop',
    '/c succeeded',
    '/a after_delay_loop',
  ]);
  t.same(await story([ok, wrong, ok, ok, ok, ok], three, false), [
    '/a after_delay_loop',
    '/b failed',
    '/b after_delay_loop',
    '/a after_delay_loop',
    '/b after_delay_loop',
    '/c succeeded',
  ]);
});

t.test('fast_recovery hurries until the server is up', async (t) => {
  const fast = { ...three, recoversFast: true };
  t.same(await story([ok, ok, ok], fast, null), ['/a at_once', '/b at_once', '/c succeeded']);
  t.same(await story([wrong, ok, ok], fast, false), ['/a failed', '/a at_once', '/a at_once']);
  t.same(await story([ok, ok], fast, true), ['/a after_delay_loop', '/b after_delay_loop']);
});

t.test('an expression that does not compile fails the check and says why', async (t) => {
  const pages = [page({ expression: expression('(hel') })];
  const reason = 'failed (Invalid regex: "(hel" at offset 4: missing closing parenthesis, url /)';
  const { flows, probe } = probeOf([ok], { pages });
  t.same(await probe.attempt({ isUp: null }), { type: 'failed', reason });
  t.equal(flows.opened.length, 0);
});
