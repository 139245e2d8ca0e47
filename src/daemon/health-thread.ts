// A health thread: runs its targets' checkers and reports verdicts to the control thread.
import { parentPort, workerData } from 'node:worker_threads';
import { ScriptSecurity } from '../config/script-security.js';
import { BoundedLog } from '../health/bounded-log.js';
import { MonitorSet } from '../health/monitor-set.js';
import { HostClock } from '../host/clock.js';
import { commandBoundsDefault, HostCommandRunner } from '../host/command-runner.js';
import { HostFlows } from '../host/flows.js';
import { HostLog } from '../host/log.js';
import { openFilesMax } from '../host/open-files.js';
import { hostRandom } from '../host/random.js';
import { HostExpressions } from '../host/regex.js';
import { scriptHost } from '../host/script-host.js';
import { giveWay, runOn, takePrecedence } from '../host/thread-priority.js';
import type { FromHealthThread, ToHealthThread } from './messages.js';
import { logOptions, type Options } from './options.js';
import { OwnThread } from './own-thread.js';

/** Of this thread; the files of the whole process are limited, too. */
const underWayLimit = 32_768;
const filesForOthers = 512;

const log = new HostLog(logOptions(workerData as Options));
const ownThread = new OwnThread({ giveWay, takePrecedence, runOn }, log, {
  name: 'health thread',
  nice: null,
  realTime: null,
});
const clock = new HostClock();
const commands = new HostCommandRunner(clock, log, {
  ...commandBoundsDefault,
  // One for each checker at most: a run that is late must not count as one that failed.
  waitingMax: Number.MAX_SAFE_INTEGER,
});
/** Of the configuration that runs. */
let security = new ScriptSecurity({ isSecure: true, owner: null }, scriptHost);
const flows = new HostFlows();
const monitors = new MonitorSet({
  clock,
  random: hostRandom,
  flows,
  commands,
  commandOf: (script) => security.commandOf(script),
  expressions: new HostExpressions(),
  log: new BoundedLog(log, clock),
  underWayMax: Math.min(underWayLimit, Math.max(openFilesMax() - filesForOthers, 64)),
  verdict: (targetId, verdict) => report({ type: 'verdict_reached', targetId, verdict }),
});

function report(message: FromHealthThread): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (message: ToHealthThread) => {
  switch (message.type) {
    case 'targets_changed':
      ownThread.follow(message.thread);
      security = new ScriptSecurity(message.scripts, scriptHost);
      flows.renewIdentities();
      monitors.update(message.targets);
      break;
    case 'report':
      report({ type: 'reported', report: monitors.report() });
      break;
    case 'stop':
      monitors.stop();
      void commands.end().then(() => parentPort?.close());
      break;
  }
});
