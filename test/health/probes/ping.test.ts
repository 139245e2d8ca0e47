import t from 'tap';
import type { PingCheck } from '../../../src/config/checkers/ping.js';
import { PingProbe } from '../../../src/health/probes/ping.js';
import { ipAddress } from '../../../src/net/address.js';
import { at, type Coming, DatagramFlows } from '../datagram-flows.js';
import { tcpCheck } from '../examples.js';

const check: PingCheck = { ...tcpCheck({ connectTimeoutMs: 1000 }), type: 'PING_CHECK' };
const check6 = { ...check, target: { address: ipAddress('2001:db8::5'), port: 80 } };

function probing(parts: PingCheck, answer: (request: Uint8Array) => readonly Coming[]) {
  const flows = new DatagramFlows(answer);
  const world = { clock: flows.clock, flows, random: () => 0.5 };
  return { flows, probe: new PingProbe(parts, world) };
}

function changed(request: Uint8Array, index: number, octet: number): Uint8Array {
  return Uint8Array.from(request, (was, at) => (at === index ? octet : was));
}

const success = { type: 'succeeded', weightChange: 0 };

t.test('a reply with the same number and words is a success', async (t) => {
  for (const [one, request, reply] of [
    [check, 8, 0],
    [check6, 128, 129],
  ] as const) {
    const { flows, probe } = probing(one, (sent) => [at(3, changed(sent, 0, reply))]);
    t.same(await probe.attempt(), success);
    t.same(await probe.attempt(), success);
    t.match(flows.settings, [{ protocol: 'icmp' }, { protocol: 'icmp' }]);
    const numbers = flows.sent.map((sent) => [sent[0], sent[1], sent[6], sent[7], sent.length]);
    t.same(numbers, [
      [request, 0, 0, 1, 64],
      [request, 0, 0, 2, 64],
    ]);
    t.equal(flows.openFlows, 0);
    t.equal(flows.clock.nowMs(), 6);
  }
});

t.test('other messages are no reply', async (t) => {
  const { flows, probe } = probing(check, (sent) => [
    at(10, sent),
    at(10, new Uint8Array(0)),
    at(10, changed(changed(sent, 0, 0), 7, 99)),
    at(10, changed(changed(sent, 0, 0), 63, 99)),
    at(10, changed(sent, 0, 0).subarray(0, 63)),
    at(10, Uint8Array.of(...changed(sent, 0, 0), 0)),
  ]);
  t.same(await probe.attempt(), { type: 'failed', reason: 'timeout' });
  t.equal(flows.clock.nowMs(), 1000);
  t.equal(flows.openFlows, 0);
  t.equal(probe.name, 'ICMP connection to [192.0.2.5]');
});

t.test('numbers begin again after the last', async (t) => {
  const { flows, probe } = probing(check, (sent) => [at(0, changed(sent, 0, 0))]);
  for (let count = 0; count < 0x10001; count++) await probe.attempt();
  const last = flows.sent.at(-1);
  t.same([last?.[6], last?.[7]], [0, 1]);
});
