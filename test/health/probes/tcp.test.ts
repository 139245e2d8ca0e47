import t from 'tap';
import { TcpProbe } from '../../../src/health/probes/tcp.js';
import { ipAddress } from '../../../src/net/address.js';
import type { FlowFailure, FlowSettings, KnockEnded } from '../../../src/ports/flows.js';
import { HeldFlows, tcpCheck } from '../examples.js';

t.test('connects where, from where and as long as the checker says', async (t) => {
  const flows = new HeldFlows();
  const check = tcpCheck({ source: ipAddress('192.0.2.9'), mark: 7, connectTimeoutMs: 1500 });
  const attempt = new TcpProbe(check, { flows }).attempt();
  t.match(flows.attempts, [
    {
      settings: {
        protocol: 'tcp',
        target: { address: '192.0.2.5', port: 80 },
        source: '192.0.2.9',
        mark: 7,
      },
      timeoutMs: 1500,
    },
  ]);
  await flows.settle('opened');
  t.same(await attempt, { type: 'succeeded', weightChange: 0 });
  t.equal(flows.closed, 1);
});

t.test("outcomes in keepalived's words", async (t) => {
  const cases: readonly [FlowFailure, string][] = [
    [{ type: 'refused' }, 'failed'],
    [{ type: 'timed_out' }, 'timeout'],
    [{ type: 'failed', reason: 'no route to host' }, 'failed (no route to host)'],
  ];
  for (const [outcome, reason] of cases) {
    const flows = {
      knock: (_settings: FlowSettings, _timeoutMs: number, ended: KnockEnded) => ended(outcome),
    };
    const probe = new TcpProbe(tcpCheck(), { flows });
    t.equal(probe.name, 'TCP connection to [192.0.2.5]:tcp:80');
    t.same(await probe.attempt(), { type: 'failed', reason });
  }
});
