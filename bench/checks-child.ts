// What a health thread of ours does, as a process of its own so that its costs can be told from
// others': so many TCP_CHECKs, until it is ended.
import { err } from 'neverthrow';
import { MonitorSet } from '../src/health/monitor-set.js';
import { HostClock } from '../src/host/clock.js';
import { HostFlows } from '../src/host/flows.js';
import { hostRandom } from '../src/host/random.js';
import { HostExpressions } from '../src/host/regex.js';
import { checkedAddress, connectTimeoutMs, delayLoopMs, port } from './checks-load.js';

const count = Number(process.argv[2]);
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
  Array.from({ length: count }, (_, index) => ({
    id: `${index}`,
    serverKey: `${index}`,
    serviceKey: '0',
    checker: {
      type: 'TCP_CHECK',
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
    },
  })),
);

process.on('SIGTERM', () => {
  monitors.stop();
  process.exitCode = 0;
  process.disconnect?.();
  setImmediate(() => process.exit());
});
