// The control thread: wires a Controller to the host, to the other threads and to the operator
// socket.
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { formatDiagnostic, levelOf } from '../config/diagnostic.js';
import type { Printed } from '../config/printed.js';
import { describeDataplaneError } from '../dataplane/dataplane.js';
import { HostClock } from '../host/clock.js';
import { HostFirewall } from '../host/firewall.js';
import { HostKernel } from '../host/kernel.js';
import { HostKernelObjects } from '../host/kernel-objects.js';
import { HostLog } from '../host/log.js';
import { HostProcesses } from '../host/processes.js';
import { RouteRequests } from '../host/route-requests.js';
import { openRouteSocket } from '../host/sockets.js';
import { HostSysctls } from '../host/sysctls.js';
import { giveWay } from '../host/thread-priority.js';
import { Controller } from './controller.js';
import { openDataplaneProcess } from './dataplane-process.js';
import { KernelSetup } from './kernel-setup.js';
import {
  type FromHealthThread,
  heartbeatIntervalMs,
  type ToControlThread,
  type ToHealthThread,
  type ToProtocolLoop,
} from './messages.js';
import { serveOperators } from './operator-socket.js';
import { logOptions, type Options } from './options.js';
import { operatorSocketPath } from './paths.js';
import type { RunningReport } from './plan-command.js';
import { readHostConfig, refusesReload } from './read-config.js';

const exitFatal = 1;
const exitConfig = 2;

/** The protocol loop has adverts to send while this thread reads a large file. */
const niceness = 5;

const options = workerData as Options;
const { place } = options;
const clock = new HostClock();
const log = new HostLog(logOptions(options));
const gaveWay = giveWay(niceness);
if (gaveWay.isErr()) log.write('notice', `control thread: ${gaveWay.error}`);
const processes = new HostProcesses();
const healthThread = new Worker(new URL('./health-thread.js', import.meta.url), {
  workerData: options,
});
const requests = new RouteRequests(clock, openRouteSocket);
const controller = new Controller({
  clock,
  setup: new KernelSetup({
    clock,
    log,
    kernel: new HostKernel(clock, requests),
    objects: new HostKernelObjects(clock, requests),
    sysctls: new HostSysctls(),
    firewall: new HostFirewall(),
  }),
  log,
  place,
  runsVrrp: options.runsVrrp,
  runsCheckers: options.runsCheckers,
  openDataplane: (wanted, closed) =>
    openDataplaneProcess({ place, clock, processes }, wanted, closed),
  watchTargets: (targets) => tellHealthThread({ type: 'targets_changed', targets }),
  configureProtocols: (instances, dataplaneSocket) =>
    tellProtocolLoop({ type: 'configured', instances, dataplaneSocket }),
});
/** What the file says that runs. */
let statements: readonly Printed[] = [];
const operators = serveOperators(
  operatorSocketPath(place),
  { status: () => controller.status(), running },
  log,
);

async function running(): Promise<RunningReport> {
  return { statements, failedServers: [...controller.failedServers()] };
}

function tellProtocolLoop(message: ToProtocolLoop): void {
  parentPort?.postMessage(message);
}

function tellHealthThread(message: ToHealthThread): void {
  healthThread.postMessage(message);
}

function beat(): void {
  tellProtocolLoop({ type: 'heartbeat' });
  clock.setTimer(heartbeatIntervalMs, beat);
}

/**
 * 0: the file runs; else what a start ends with. A reload that fails leaves everything as it is.
 */
async function load(isReload: boolean): Promise<number> {
  const read = readHostConfig(options.configFile, options);
  const diagnostics = read.isOk() ? read.value.diagnostics : [read.error];
  for (const diagnostic of diagnostics) {
    log.write(levelOf(diagnostic), formatDiagnostic(diagnostic));
  }
  if (read.isErr()) return exitConfig;
  if (isReload && refusesReload(diagnostics)) return exitConfig;
  const adopted = await controller.adopt(read.value.config);
  if (adopted.isOk()) {
    statements = read.value.root.print();
    return 0;
  }
  log.write('error', describeDataplaneError(adopted.error));
  return exitFatal;
}

async function start(): Promise<void> {
  const exitCode = await load(false);
  if (exitCode !== 0) tellProtocolLoop({ type: 'start_failed', exitCode });
}

async function reload(): Promise<void> {
  log.write('info', `Reloading ${options.configFile}`);
  const exitCode = await load(true);
  if (exitCode === 0) log.write('info', 'Reload finished');
  else log.write('error', 'The reload failed: everything stays as it was');
}

async function stop(): Promise<void> {
  operators.close();
  tellHealthThread({ type: 'stop' });
  await controller.stop(options.keepsServices);
  tellProtocolLoop({ type: 'stopped' });
}

healthThread.on('message', ({ targetId, isUp }: FromHealthThread) => {
  controller.recordVerdict(targetId, isUp);
});

parentPort?.on('message', (message: ToControlThread) => {
  switch (message.type) {
    case 'reload':
      void reload();
      break;
    case 'vrrp_changed':
      controller.facts.recordVrrp(message.fact);
      break;
    case 'measured':
      controller.facts.recordMeasures(message.vrrp, message.lateness);
      break;
    case 'stop':
      void stop();
      break;
  }
});

beat();
void start();
