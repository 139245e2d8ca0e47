// What a health thread of ours does, as a process of its own so that its costs can be told from
// others': the checks of a load, until it is ended.
import { err } from 'neverthrow';
import type { ProbedChecker } from '../src/config/checkers/checkers.js';
import { MonitorSet } from '../src/health/monitor-set.js';
import { HostClock } from '../src/host/clock.js';
import { HostFlows } from '../src/host/flows.js';
import { hostRandom } from '../src/host/random.js';
import { HostExpressions } from '../src/host/regex.js';
import { type CheckLoad, checkedAddress, connectTimeoutMs, port } from './checks-load.js';

const { kind, servers, delayLoopMs } = JSON.parse(process.argv[2] ?? '') as CheckLoad;
const clock = new HostClock();
const unable = { type: 'not_started', reason: 'no commands here' } as const;

const monitors = new MonitorSet({
  clock,
  random: hostRandom,
  flows: new HostFlows(),
  commands: { run: () => Promise.resolve(unable) },
  commandOf: () => err('no commands here'),
  expressions: new HostExpressions(),
  log: { write: () => {} },
  underWayMax: 32_768,
  verdict: () => {},
});

monitors.update(
  Array.from({ length: servers }, (_, index) => ({
    id: `${index}`,
    serverKey: `${index}`,
    serviceKey: '0',
    checker: checkerOf(index),
  })),
);

function checkerOf(index: number): ProbedChecker {
  const common = {
    target: { address: checkedAddress(index), port },
    source: null,
    sourcePort: null,
    sourceInterface: null,
    mark: 0,
    connectTimeoutMs,
    retry: 1,
    delayBeforeRetryMs: 1000,
    delayLoopMs,
    warmupMs: delayLoopMs,
    startsDown: false,
    logsAllFailures: false,
  };
  if (kind === 'TCP_CHECK') return { type: kind, ...common };
  const page = {
    path: '/',
    host: null,
    serverName: null,
    statusCodes: [{ first: 200, last: 200 }],
    digest: null,
    expression: null,
    needsCleanEnd: false,
  };
  return {
    type: kind,
    ...common,
    pages: [page],
    httpProtocol: '1.0',
    recoversFast: false,
    tlsIdentity: null,
  };
}

process.on('SIGTERM', () => {
  monitors.stop();
  process.exitCode = 0;
  process.disconnect?.();
  setImmediate(() => process.exit());
});
