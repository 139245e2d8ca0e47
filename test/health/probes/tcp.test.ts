import t from 'tap';
import { TcpProbe } from '../../../src/health/probes/tcp.js';
import { ipAddress } from '../../../src/net/address.js';
import type { ConnectOutcome } from '../../../src/ports/streams.js';
import { HeldStreams, tcpCheck } from '../examples.js';

t.test('connects where, from where and as long as the checker says', async (t) => {
  const streams = new HeldStreams();
  const check = tcpCheck({ source: ipAddress('192.0.2.9'), connectTimeoutMs: 1500 });
  const attempt = new TcpProbe(check, streams).attempt();
  t.match(streams.attempts, [
    { target: { address: '192.0.2.5', port: 80 }, timeoutMs: 1500, source: '192.0.2.9' },
  ]);
  await streams.settle('connected');
  t.same(await attempt, { type: 'succeeded' });
});

t.test("outcomes in keepalived's words", async (t) => {
  const cases: readonly [ConnectOutcome, string][] = [
    [{ type: 'refused' }, 'failed'],
    [{ type: 'timed_out' }, 'timeout'],
    [{ type: 'failed', reason: 'no route to host' }, 'failed (no route to host)'],
  ];
  for (const [outcome, reason] of cases) {
    const probe = new TcpProbe(tcpCheck(), { connect: () => Promise.resolve(outcome) });
    t.equal(probe.name, 'TCP connection to [192.0.2.5]:tcp:80');
    t.same(await probe.attempt(), { type: 'failed', reason });
  }
});
