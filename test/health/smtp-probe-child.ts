// SMTP_CHECKs inside a network namespace, driven by the test: one JSON line in with the ports of
// the hosts on loopback, one out with the outcome.
import { createInterface } from 'node:readline';
import type { Outcome } from '../../src/health/probe.js';
import { SmtpProbe } from '../../src/health/probes/smtp.js';
import { HostClock } from '../../src/host/clock.js';
import { HostFlows } from '../../src/host/flows.js';
import { ipAddress } from '../../src/net/address.js';
import { smtpCheck } from './smtp-check.js';

export type SmtpRequest = { readonly ports: readonly number[]; readonly timeoutMs: number };

/** What the host's sockets make of these servers. */
export function checkHosts({ ports, timeoutMs }: SmtpRequest): Promise<Outcome> {
  const connection = smtpCheck({ connectTimeoutMs: timeoutMs });
  const hosts = ports.map((port) => ({
    ...connection,
    target: { address: ipAddress('127.0.0.1'), port },
  }));
  const world = { flows: new HostFlows(), clock: new HostClock() };
  return new SmtpProbe({ ...connection, hosts }, world).attempt();
}

if (process.argv[1]?.endsWith('smtp-probe-child.js') === true) {
  createInterface({ input: process.stdin }).on('line', (line) => {
    void checkHosts(JSON.parse(line) as SmtpRequest).then((answer) =>
      process.stdout.write(`${JSON.stringify({ type: 'answer', answer })}\n`),
    );
  });
}
