import t from 'tap';
import type { DnsCheck } from '../../../src/config/checkers/dns.js';
import { DnsProbe } from '../../../src/health/probes/dns.js';
import { at, type Coming, DatagramFlows } from '../datagram-flows.js';
import { tcpCheck } from '../examples.js';

const check: DnsCheck = {
  ...tcpCheck({ connectTimeoutMs: 1000 }),
  type: 'DNS_CHECK',
  name: '.',
  recordType: 'SOA',
};

async function attempted(
  parts: Partial<DnsCheck>,
  answer: (question: Uint8Array) => readonly Coming[],
) {
  const flows = new DatagramFlows(answer);
  const world = { clock: flows.clock, flows, random: () => 0x14e6 / 0x10000 };
  const outcome = await new DnsProbe({ ...check, ...parts }, world).attempt();
  if (flows.openFlows !== 0) throw new Error('a flow was left open');
  return { outcome, flows, elapsedMs: flows.clock.nowMs() };
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** The question, with these flags. */
function answerTo(question: Uint8Array, flags: number): Uint8Array {
  const answer = Uint8Array.from(question);
  new DataView(answer.buffer).setUint16(2, flags);
  return answer;
}

const success = { type: 'succeeded', weightChange: 0 };
const failure = (reason: string) => ({ type: 'failed', reason });

t.test("questions are keepalived's, octet by octet", async (t) => {
  const root = await attempted({}, () => []);
  t.equal(hex(root.flows.sent[0]), '14e6010000010000000000000000060001');
  // As Debian's keepalived 2.2.7 sent it.
  const debian = '14e601000001000000000000076578616d706c6504746573740000010001';
  for (const name of ['example.test', 'example.test.']) {
    const { flows } = await attempted({ name, recordType: 'A' }, () => []);
    t.equal(hex(flows.sent[0]), debian);
  }
});

t.test('an answer without an error is a success, whatever it says', async (t) => {
  for (const flags of [0x8180, 0x8000, 0x8580, 0x8380]) {
    const { outcome, elapsedMs } = await attempted({}, (asked) => [at(7, answerTo(asked, flags))]);
    t.same(outcome, success, flags.toString(16));
    t.equal(elapsedMs, 7);
  }
  for (const [flags, rcode] of [
    [0x8182, 2],
    [0x8183, 3],
    [0x8185, 5],
  ] as const) {
    const { outcome } = await attempted({}, (asked) => [at(7, answerTo(asked, flags))]);
    t.same(outcome, failure(`read error occurred (rcode = ${rcode})`));
  }
});

t.test('what is no answer is passed over, for as long as there is time', async (t) => {
  const strange = (asked: Uint8Array): Coming[] => [
    at(100, new Uint8Array(0)),
    at(100, answerTo(asked, 0x8180).subarray(0, 11)),
    at(100, answerTo(asked, 0x0100)),
    at(
      100,
      Uint8Array.from(answerTo(asked, 0x8180), (octet, at) => (at === 0 ? 0 : octet)),
    ),
  ];
  const late = await attempted({}, strange);
  t.same(late.outcome, failure('read timeout from socket'));
  t.equal(late.elapsedMs, 1000);
  const good = await attempted({}, (asked) => [
    ...strange(asked),
    at(100, answerTo(asked, 0x8180)),
  ]);
  t.same(good.outcome, success);
  t.equal(good.elapsedMs, 500);
  const flood = Array.from({ length: 1000 }, () => at(0, new Uint8Array(0)));
  const flooded = await attempted({}, () => flood);
  t.same(flooded.outcome, failure('socket error (64 datagrams came, and no answer)'));
});

t.test('failures in words', async (t) => {
  const refused = await attempted({}, () => [at(1, { type: 'refused' })]);
  t.same(refused.outcome, failure('socket error (Connection refused)'));
  const names: readonly [string, RegExp][] = [
    [`${'a'.repeat(64)}.test`, /^cannot ask: "a{64}" is a label of more than 63 octets$/],
    [`${'a23456789.'.repeat(26)}test`, /^cannot ask: ".*" is longer than 255 octets$/],
    ['b\u00fccher.test', /^cannot ask: ".*" is not plain ASCII$/],
  ];
  for (const [name, reason] of names) {
    const { outcome, flows } = await attempted({ name }, () => []);
    t.match(outcome, { type: 'failed', reason });
    t.equal(flows.sent.length, 0);
  }
  const longest = await attempted({ name: `${'a23456789.'.repeat(25)}abc` }, () => []);
  t.equal(longest.flows.sent[0]?.length, 12 + 255 + 4);
});
