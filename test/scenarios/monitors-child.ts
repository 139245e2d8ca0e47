// The checkers of a health thread inside a network namespace: targets come in, verdicts and the
// log go out, each as one JSON line.

import { createInterface } from 'node:readline';
import { err } from 'neverthrow';
import { MonitorSet } from '../../src/health/monitor-set.js';
import type { ProbedTarget } from '../../src/health/targets.js';
import { HostClock } from '../../src/host/clock.js';
import { HostFlows } from '../../src/host/flows.js';
import { HostExpressions } from '../../src/host/regex.js';

export type MonitorsRequest = { readonly targets: readonly ProbedTarget[] };

export type MonitorsEvent =
  | { readonly type: 'verdict'; readonly id: string; readonly isUp: boolean }
  | { readonly type: 'line'; readonly line: string };

function tell(event: MonitorsEvent | { readonly type: 'answer'; readonly answer: unknown }): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

const monitors = new MonitorSet({
  clock: new HostClock(),
  random: Math.random,
  flows: new HostFlows(),
  commands: { run: () => Promise.resolve({ type: 'not_started', reason: 'no commands here' }) },
  commandOf: () => err('no commands here'),
  expressions: new HostExpressions(),
  underWayMax: 1000,
  log: { write: (_severity, line) => tell({ type: 'line', line }) },
  verdict: (id, { isUp }) => tell({ type: 'verdict', id, isUp }),
});

createInterface({ input: process.stdin }).on('line', (line) => {
  const { targets } = JSON.parse(line) as MonitorsRequest;
  monitors.update(targets);
  tell({ type: 'answer', answer: targets.length });
});
