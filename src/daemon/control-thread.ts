// The control thread: wires a Controller to the host, to the other threads and to the operator
// socket.
import { availableParallelism, hostname, uptime } from 'node:os';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { ok } from 'neverthrow';
import type { Config } from '../config/config.js';
import { formatDiagnostic, levelOf } from '../config/diagnostic.js';
import { withoutRefusedChecks } from '../config/refused-checks.js';
import type { Root } from '../config/root-table.js';
import { protocolRealTimeMax, threadsDefaults } from '../config/threads.js';
import { describeDataplaneError } from '../dataplane/dataplane.js';
import type { VrrpFact } from '../ha/vrrp/speaker.js';
import { calendarSeconds } from '../host/calendar.js';
import { HostClock } from '../host/clock.js';
import { HostCommandRunner } from '../host/command-runner.js';
import { writeDumpFile } from '../host/dump-file.js';
import { HostFirewall } from '../host/firewall.js';
import { HostKernel } from '../host/kernel.js';
import { HostKernelObjects } from '../host/kernel-objects.js';
import { HostLog } from '../host/log.js';
import { hostFifos } from '../host/notify-fifo.js';
import { HostProcesses } from '../host/processes.js';
import { RouteRequests } from '../host/route-requests.js';
import { ownUserName, scriptHost } from '../host/script-host.js';
import { SmtpMailer } from '../host/smtp-mailer.js';
import { openRouteSocket } from '../host/sockets.js';
import { HostSysctls } from '../host/sysctls.js';
import { giveWay, withPrecedence } from '../host/thread-priority.js';
import { describeKernelError } from '../ports/kernel.js';
import { announcementPlan } from '../routing/announcement/plan.js';
import { AddressMonitor } from './address-monitor.js';
import { AnnouncementDesk } from './announcement-desk.js';
import { Controller } from './controller.js';
import { openDataplaneProcess } from './dataplane-process.js';
import { DrainFile } from './drain-file.js';
import { Dumper, type DumpRequest, type DumpSubject } from './dump/dumper.js';
import { type CheckManner, HealthPool } from './health-pool.js';
import { hostIdentifier, movingAddresses } from './host-identifier.js';
import { HostTracking } from './host-tracking.js';
import { KernelSetup } from './kernel-setup.js';
import { LifeScripts } from './life-scripts.js';
import { heartbeatIntervalMs, type ToControlThread, type ToProtocolLoop } from './messages.js';
import { Notifying } from './notifying.js';
import { serveOperators } from './operator-socket.js';
import { logOptions, type Options } from './options.js';
import { drainPath, operatorSocketPath } from './paths.js';
import type { RunningReport } from './plan-command.js';
import { readHostConfig, refusesReload } from './read-config.js';

const exitFatal = 1;
const exitConfig = 2;

/** The protocol loop has adverts to send while this thread reads a large file. */
const niceness = 5;

/** Scripts of checks get this long to end; what connects need not be waited for. */
const checksEndBoundMs = 2_500;

const options = workerData as Options;
const { place } = options;
const clock = new HostClock();
const log = new HostLog(logOptions(options));
const gaveWay = giveWay(niceness);
if (gaveWay.isErr()) log.write('notice', `control thread: ${gaveWay.error}`);
const processes = new HostProcesses();
/** Of each health thread, that it has ended. */
const checksEnded: Promise<unknown>[] = [];
/** Of the file that was read last. */
let manner: CheckManner = {
  scripts: { isSecure: true, owner: null },
  thread: threadsDefaults.health,
};
let threads = threadsDefaults;
const health = new HealthPool({
  threadsMax: availableParallelism(),
  newThread: (heard) => {
    const thread = new Worker(new URL('./health-thread.js', import.meta.url), {
      workerData: options,
    });
    thread.on('message', heard);
    checksEnded.push(new Promise((resolve) => thread.once('exit', resolve)));
    return { post: (message) => thread.postMessage(message) };
  },
  verdict: (targetId, verdict) => controller.services.recordVerdict(targetId, verdict),
});
const requests = new RouteRequests(clock, openRouteSocket);
const kernel = new HostKernel(clock, requests);
const notifying = new Notifying({
  clock,
  log,
  commands: new HostCommandRunner(clock, log),
  newRunner: () => new HostCommandRunner(clock, log),
  fifos: hostFifos,
  mailer: new SmtpMailer(clock),
  scriptHost,
  hostName: hostname(),
  userName: ownUserName(),
});
const lifeScripts = new LifeScripts({
  log,
  scriptHost,
  newRunner: () => new HostCommandRunner(clock, log),
  delaysEnd: (byMs) => tellProtocolLoop({ type: 'end_delayed', byMs }),
});
const controller: Controller = new Controller({
  clock,
  setup: new KernelSetup({
    clock,
    log,
    kernel,
    objects: new HostKernelObjects(clock, requests),
    sysctls: new HostSysctls(),
    firewall: new HostFirewall(),
    tellGroups: (facts) => tellProtocolLoop({ type: 'tracked', facts }),
  }),
  log,
  place,
  runsVrrp: options.runsVrrp,
  runsCheckers: options.runsCheckers,
  openDataplane: (wanted, closed) =>
    openDataplaneProcess({ place, clock, processes }, wanted, closed),
  services: {
    clock,
    log,
    tellServices: (news) => {
      notifying.servicesChanged(news);
      desk.servicesChanged(news);
    },
    watchTargets: (targets) => health.update(targets, manner),
  },
  reportHealth: () => health.report(),
  reportAnnouncements: () => desk.statuses(),
  track: (config) => {
    tracking.configure(config);
    tellProtocolLoop({ type: 'link_delays', delays: config.tracking.linkDelays });
  },
  configureProtocols: (instances, bfdInstances, dataplaneSocket, garpRates) => {
    tellProtocolLoop({ type: 'bfd', instances: options.runsBfd ? bfdInstances : [] });
    tellProtocolLoop({
      type: 'configured',
      instances,
      dataplaneSocket,
      garpRates,
      startupDelayMs,
      logsUnknownRouters,
      threads,
    });
  },
});
const desk: AnnouncementDesk = new AnnouncementDesk({
  clock,
  drains: new DrainFile(drainPath(place), log),
  post: tellProtocolLoop,
  factOf: (serviceKey) => controller.services.tallyOf(serviceKey),
});
const tracking = new HostTracking(clock, log, (facts) => {
  tellProtocolLoop({ type: 'tracked', facts });
  controller.services.recordTracked(facts);
});
const dumper = new Dumper({
  log,
  kernel,
  pid: process.pid,
  namespace: options.namespace,
  temporaryFolder: process.env['TMPDIR'],
  umask: options.umask,
  calendarOf: (clockMs) => calendarSeconds(clockMs, clock.nowMs()),
  write: writeDumpFile,
});
/** What runs, and the file that says so. */
let running: { readonly root: Root; readonly config: Config } | null = null;
/** What is left of vrrp_startup_delay and vrrp_delay_after_boot when the file is read. */
let startupDelayMs = 0;
/** As in the file that was read last. */
let logsUnknownRouters = false;
const operators = serveOperators(
  operatorSocketPath(place),
  {
    status: async () => ok(await controller.status()),
    running: async () => ok(await runningReport()),
    ...desk.answers,
  },
  log,
);

async function runningReport(): Promise<RunningReport> {
  const { servers, withoutQuorum } = controller.services.facts;
  return {
    statements: running?.root.print() ?? [],
    servers: [...servers],
    withoutQuorum: [...withoutQuorum],
  };
}

function tellProtocolLoop(message: ToProtocolLoop): void {
  const priority = protocolRealTimeMax(threads.protocol);
  withPrecedence(priority, () => parentPort?.postMessage(message));
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
  const { root } = read.value;
  const { config, refusals } = withoutRefusedChecks(read.value.config, scriptHost);
  for (const refusal of refusals) log.write('error', refusal);
  const { startupDelayMs: fromStart, delayAfterBootMs } = config.operations;
  logsUnknownRouters = config.operations.logsUnknownRouters;
  startupDelayMs = Math.max(fromStart, delayAfterBootMs - uptime() * 1000);
  const former = { manner, threads };
  threads = config.operations.threads;
  manner = { scripts: config.notification.scripts, thread: threads.health };
  if (!isReload) await lifeScripts.startUp(config);
  const adopted = await controller.adopt(config);
  if (adopted.isOk()) {
    running = { root, config };
    await announce(config);
    notifying.configure(config, options.runsVrrp);
    return 0;
  }
  ({ manner, threads } = former);
  log.write('error', describeDataplaneError(adopted.error));
  return exitFatal;
}

async function announce(config: Config): Promise<void> {
  const addresses = await kernel.addresses();
  const plan = announcementPlan(config);
  const moving = movingAddresses(
    config,
    plan.addresses.map(({ address }) => address),
  );
  tellProtocolLoop({
    type: 'bgp',
    instances: config.bgpInstances,
    hostIdentifier: addresses.isOk() ? hostIdentifier(addresses.value, moving) : null,
  });
  desk.configure(config);
}

async function start(): Promise<void> {
  const exitCode = await load(false);
  if (exitCode !== 0) {
    tellProtocolLoop({ type: 'start_failed', exitCode });
    return;
  }
  tellProtocolLoop({ type: 'load_ended' });
  if (options.monitorsAddresses) followAddresses();
  if (!options.dumpsConfig || running === null) return;
  const lines = await dumper.dataLines({ ...running, ...known(), facts: controller.facts.vrrp });
  for (const line of lines) log.write('info', line);
}

function followAddresses(): void {
  const monitor = new AddressMonitor(log);
  const look = async (): Promise<void> => {
    const links = await kernel.links();
    const addresses = await kernel.addresses();
    if (links.isOk() && addresses.isOk()) monitor.see(links.value, addresses.value);
  };
  const watching = kernel.watch(() => void look());
  if (watching.isErr()) log.write('error', describeKernelError(watching.error));
  void look();
}

function known(): Pick<DumpSubject, 'tracked' | 'ownerOf' | 'bfd'> {
  const ownerOf: DumpSubject['ownerOf'] = (named) => tracking.ownerOf(named);
  return { tracked: tracking.known, ownerOf, bfd: controller.facts.bfd };
}

async function dump(request: DumpRequest, facts: readonly VrrpFact[]): Promise<void> {
  if (running === null) return;
  await dumper.dump(request, { ...running, ...known(), facts });
}

async function reload(): Promise<void> {
  log.write('info', `Reloading ${options.configFile}`);
  const exitCode = await load(true);
  if (exitCode === 0) log.write('info', 'Reload finished');
  else log.write('error', 'The reload failed: everything stays as it was');
  tellProtocolLoop({ type: 'load_ended' });
}

function waited(timeoutMs: number): Promise<void> {
  return new Promise((resolve) => clock.setTimer(timeoutMs, resolve));
}

async function stop(): Promise<void> {
  operators.close();
  health.stop();
  await tracking.stop();
  // Who is told of the end is told before the telling ends.
  controller.services.stop();
  await Promise.all([controller.stop(options.keepsServices), notifying.stop()]);
  await Promise.race([Promise.all(checksEnded), waited(checksEndBoundMs)]);
  await lifeScripts.shutDown(running?.config ?? null);
  tellProtocolLoop({ type: 'stopped' });
}

parentPort?.on('message', (message: ToControlThread) => {
  switch (message.type) {
    case 'reload':
      void reload();
      break;
    case 'vrrp_changed':
      controller.recordVrrp(message.fact);
      notifying.vrrpChanged([message.fact]);
      break;
    case 'bfd_changed':
      controller.recordBfd(message.news);
      break;
    case 'bgp_changed':
      controller.facts.recordBgp(message.facts);
      break;
    case 'why_answered':
    case 'announcements_answered':
      desk.heard(message);
      break;
    case 'lower_priority_heard':
      notifying.lowerPriorityHeard(message.instance);
      break;
    case 'measured':
      controller.recordMeasures(message);
      notifying.vrrpChanged(message.vrrp);
      break;
    case 'dump':
      void dump(message.request, message.vrrp);
      break;
    case 'stop':
      void stop();
      break;
  }
});

beat();
void start();
