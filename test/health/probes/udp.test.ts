import t from 'tap';
import type { RequiredReply, UdpCheck } from '../../../src/config/checkers/udp.js';
import { UdpProbe } from '../../../src/health/probes/udp.js';
import { at, type Coming, DatagramFlows, octets } from '../datagram-flows.js';
import { tcpCheck } from '../examples.js';

const check: UdpCheck = {
  ...tcpCheck({ connectTimeoutMs: 1000, mark: 7 }),
  type: 'UDP_CHECK',
  payload: null,
  reply: null,
};

const anyReply: RequiredReply = { pattern: null, lengthMin: 0, lengthMax: 255 };

async function attempted(parts: Partial<UdpCheck>, coming: readonly Coming[]) {
  const flows = new DatagramFlows(() => coming);
  const probe = new UdpProbe({ ...check, ...parts }, { clock: flows.clock, flows });
  const outcome = await probe.attempt();
  if (flows.openFlows !== 0) throw new Error('a flow was left open');
  return { outcome, flows, elapsedMs: flows.clock.nowMs() };
}

const success = { type: 'succeeded', weightChange: 0 };
const failure = (reason: string) => ({ type: 'failed', reason });

t.test('without require_reply only a refusal is a failure', async (t) => {
  const silent = await attempted({}, []);
  t.same(silent.outcome, success);
  t.equal(silent.elapsedMs, 1000);
  t.match(silent.flows.settings, [{ protocol: 'udp', mark: 7, tls: null }]);
  t.ok((silent.flows.sent[0]?.length ?? 0) > 0);
  const answered = await attempted({}, [at(10, octets('anything'))]);
  t.same(answered.outcome, success);
  t.equal(answered.elapsedMs, 10, 'at once');
  t.same((await attempted({}, [at(1, { type: 'refused' })])).outcome, failure('failed'));
  const unreachable = { type: 'failed', reason: 'No route to host' } as const;
  t.same((await attempted({}, [at(1, unreachable)])).outcome, failure('failed (No route to host)'));
});

t.test('an answer that is required must come and be as required', async (t) => {
  const payload = { type: 'octets', digits: '00ff10' } as const;
  const { outcome, flows } = await attempted({ payload, reply: anyReply }, []);
  t.same(outcome, failure('timeout'));
  t.same(flows.sent, [Uint8Array.of(0, 255, 16)]);
  t.same(flows.bytesMax, [256]);
  const cases: readonly [Partial<RequiredReply>, Uint8Array, object][] = [
    [{}, octets(''), success],
    [{ lengthMin: 3 }, octets('ab'), failure('reply data mismatch (2 octets, not 3)')],
    [{ lengthMin: 3 }, octets('abc'), success],
    [{ lengthMax: 3 }, octets('abc'), success],
    [{ lengthMax: 3 }, octets('abcd'), failure('reply data mismatch (more than 3 octets)')],
    [{ pattern: { type: 'text', text: 'ab' } }, octets('abc'), success],
    [{ pattern: { type: 'text', text: 'ab' } }, octets('ba'), failure('reply data mismatch')],
    [{ pattern: { type: 'octets', digits: '6X62' } }, octets('ab'), success],
    [{ pattern: { type: 'octets', digits: 'X16X' } }, octets('abc'), success],
    [{ pattern: { type: 'octets', digits: '6X62' } }, octets('aB'), failure('reply data mismatch')],
    [
      { pattern: { type: 'octets', digits: '616263' } },
      octets('ab'),
      failure('reply data mismatch'),
    ],
    [
      { pattern: { type: 'octets', digits: 'XXXXXX' } },
      octets('ab'),
      failure('reply data mismatch'),
    ],
  ];
  for (const [parts, answer, expected] of cases) {
    const reply = { ...anyReply, ...parts };
    const { outcome } = await attempted({ reply }, [at(5, answer)]);
    t.same(outcome, expected, JSON.stringify(parts));
  }
});

t.test('it is named as keepalived names it', (t) => {
  const flows = new DatagramFlows(() => []);
  const probe = new UdpProbe(check, { clock: flows.clock, flows });
  t.equal(probe.name, 'UDP connection to [192.0.2.5]:udp:80');
  t.end();
});
