import t from 'tap';
import type { SmtpCheck } from '../../../src/config/checkers/smtp.js';
import { SmtpProbe } from '../../../src/health/probes/smtp.js';
import { ipAddress } from '../../../src/net/address.js';
import type { FlowSettings } from '../../../src/ports/flows.js';
import { SimulatedClock } from '../../sim/clock.js';
import { type Act, type ServerScript, TalkingServers } from '../../sim/talking-servers.js';
import { smtpCheck } from '../smtp-check.js';

const proper: readonly Act[] = [
  { says: '220 mail\r\n' },
  { hears: 'HELO smtpchecker.keepalived.org\r\n' },
  { says: '250 hello\r\n' },
  { hears: 'QUIT\r\n' },
  { says: '221 bye\r\n' },
];

async function attempt(
  script: (settings: FlowSettings) => ServerScript,
  parts: Partial<SmtpCheck> = {},
) {
  const clock = new SimulatedClock();
  const flows = new TalkingServers(clock, script);
  const probe = new SmtpProbe(smtpCheck(parts), { flows, clock });
  const outcome = await probe.attempt();
  const reason = outcome.type === 'failed' ? outcome.reason : outcome.type;
  const mailReason = outcome.type === 'failed' ? outcome.mailReason : undefined;
  return { reason, mailReason, flows, tookMs: clock.nowMs(), name: probe.name };
}

t.test('a mail server is up, and its connection is closed', async (t) => {
  const { reason, flows, name } = await attempt(() => proper, { connectTimeoutMs: 1500 });
  t.equal(reason, 'succeeded');
  t.equal(name, 'SMTP_CHECK on service [192.0.2.5]:tcp:80');
  t.match(flows.opened, [{ settings: { protocol: 'tcp', tls: null }, timeoutMs: 1500 }]);
  t.same(flows.heard, ['HELO smtpchecker.keepalived.org\r\nQUIT\r\n']);
  t.equal(flows.underWay, 0);
  const rude: readonly Act[] = [...proper.slice(0, 4), { ends: true }];
  t.equal((await attempt(() => rude)).reason, 'succeeded', 'it hangs up at QUIT');
});

t.test('several hosts must all answer, each on its own connection', async (t) => {
  const { target: _, ...connection } = smtpCheck();
  const hosts = [25, 26, 27].map((port) => ({
    ...connection,
    target: { address: ipAddress('192.0.2.6'), port },
    mark: port,
  }));
  const all = await attempt(() => proper, { hosts });
  t.equal(all.reason, 'succeeded');
  t.same(
    all.flows.opened.map(({ settings }) => [settings.target.port, settings.mark]),
    [
      [25, 25],
      [26, 26],
      [27, 27],
    ],
  );
  const one = await attempt(({ mark }) => (mark === 26 ? { type: 'refused' } : proper), { hosts });
  t.equal(one.reason, 'failed: Could not connect to server [192.0.2.6]:26 (refused)');
  t.equal(one.mailReason, 'Could not connect to server [192.0.2.6]:26 (refused)');
  t.equal(one.flows.opened.length, 2, 'the third is not asked any more');
  t.equal(one.flows.underWay, 0);
});

t.test('servers that misbehave cost at most the timeout, and are named', async (t) => {
  const drips = [...'220 mail\r\n'].flatMap((says) => [{ says }, { waitsMs: 1000 }]);
  const endless = Array.from({ length: 100_000 }, () => ({ says: `220-${'x'.repeat(500)}\r\n` }));
  const noConnection = 'Could not connect to server [192.0.2.5]:80';
  const cases: readonly [string, ServerScript, string][] = [
    ['refuses us', [{ says: '554 no\r\n' }], 'Bad greeting banner (554 no)'],
    ['is silent', [], 'Read timeout'],
    ['greets late', [{ waitsMs: 10_000 }, ...proper], 'Read timeout'],
    ['drips', drips, 'Read timeout'],
    ['never ends its reply', endless, 'Bad greeting banner (endless: 220-'],
    ['hangs up', [...proper.slice(0, 2), { ends: true }], 'Read failure (it closed'],
    ['resets', [{ fails: { type: 'refused' } }], 'Read failure (refused)'],
    ['has no route', { type: 'failed', reason: 'no route' }, `${noConnection} (no route)`],
    ['times out', { type: 'timed_out' }, `${noConnection} (timeout)`],
  ];
  for (const [name, script, expected] of cases) {
    const { reason, flows, tookMs } = await attempt(() => script);
    t.ok(reason.startsWith(`failed: ${expected}`), `${name}: ${reason}`);
    t.ok(reason.length < 200, 'in few words');
    t.ok(tookMs <= 5000, `${name}: ${tookMs} ms`);
    t.equal(flows.underWay, 0, `${name}: closed`);
  }
});
