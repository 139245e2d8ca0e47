// One run of the daemon in the foreground: pid files, the threads, the signals, an ordered end.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config/config.js';
import { protocolRealTimeUsual, type ThreadsConfig } from '../config/threads.js';
import { DataplaneAddressOwner } from '../dataplane/address-owner.js';
import { DataplaneClient } from '../dataplane/client.js';
import { announcementFrame } from '../ha/announcement-frame.js';
import { calendarNowMs } from '../host/calendar.js';
import { HostClock } from '../host/clock.js';
import { leaveOthersAsUsual } from '../host/garbage-collection.js';
import { HostHopDatagrams } from '../host/hop-datagrams.js';
import { HostKernel } from '../host/kernel.js';
import { KernelAddressOwner } from '../host/kernel-address-owner.js';
import { HostKernelObjects } from '../host/kernel-objects.js';
import { HostLog } from '../host/log.js';
import { HostPackets } from '../host/packets.js';
import { HostProcesses } from '../host/processes.js';
import { hostRandom } from '../host/random.js';
import { RouteRequests } from '../host/route-requests.js';
import { notifyServiceManager, type ServiceState } from '../host/service-manager.js';
import { onSignal } from '../host/signals.js';
import { openRouteSocket } from '../host/sockets.js';
import { HostTcpSessions } from '../host/tcp-sessions.js';
import { giveWay, runOn, takePrecedence } from '../host/thread-priority.js';
import type { Timer } from '../ports/clock.js';
import { describePacketError } from '../ports/packets.js';
import { describeProcessError, type ProcessError } from '../ports/processes.js';
import { sayThatItRuns } from './background.js';
import { BfdWatch } from './bfd-watch.js';
import type { DumpRequest } from './dump/dumper.js';
import { LateTimerLog } from './late-timer-log.js';
import { measureIntervalMs, type ToControlThread, type ToProtocolLoop } from './messages.js';
import { logOptions, type Options, signalNumbers } from './options.js';
import { OwnThread } from './own-thread.js';
import { operatorSocketPath } from './paths.js';
import { ProtocolLoop } from './protocol-loop.js';
import { Routing } from './routing.js';
import { namespacePidFolder, pidFilesOf } from './settled-options.js';
import { UnknownRouters } from './unknown-routers.js';

const exitFatal = 1;
const connectTimeoutMs = 2_000;
/** Late enough for a line in the log. */
const lateThresholdMs = 100;
const usualThread = { name: 'protocol loop', nice: null, realTime: protocolRealTimeUsual };
/** Between the last word of BGP and that of BFD. */
const beforeBfdMs = 300;
/** A control thread that hangs must not keep the daemon from ending. */
const stopTimeoutMs = 5_000;

/** Runs until SIGTERM, SIGINT or a fatal error; answers with the exit code. */
export async function runDaemon(options: Options, config: Config): Promise<number> {
  const log = new HostLog(logOptions(options));
  const processes = new HostProcesses();
  const pidFiles = pidFilesOf(options, config);
  mkdirSync(options.place.runtimeDirectory, { recursive: true, mode: 0o700 });
  if (pidFiles.some((path) => path.startsWith(`${namespacePidFolder}/`))) {
    mkdirSync(namespacePidFolder, { recursive: true, mode: 0o755 });
  }
  const refusal = claimAll(processes, pidFiles);
  if (refusal !== null) return sayRefusal(refusal, options, log);
  sayThatItRuns();
  log.write('info', `Starting Keelson, pid ${process.pid}, configuration ${options.configFile}`);
  const exitCode = await new Daemon(options, log, config).run();
  for (const path of pidFiles) processes.releasePidFile(path);
  rmSync(operatorSocketPath(options.place), { force: true });
  log.write('info', 'Stopped Keelson');
  return exitCode;
}

/** All of them or none; null: they are ours. */
function claimAll(processes: HostProcesses, paths: readonly string[]): ProcessError | null {
  for (const [index, path] of paths.entries()) {
    const claimed = processes.claimPidFile(path);
    if (claimed.isOk()) continue;
    for (const own of paths.slice(0, index)) processes.releasePidFile(own);
    return claimed.error;
  }
  return null;
}

/** As with keepalived, a daemon that runs is what was asked for: no failure. */
function sayRefusal(error: ProcessError, options: Options, log: HostLog): number {
  const isHeld = error.type === 'process.pid_file_held';
  const reason = describeProcessError(error);
  const line = isHeld ? `daemon is already running: ${reason}` : reason;
  log.write('error', line);
  if (!options.logsToConsole) process.stderr.write(`keepalived: ${line}\n`);
  return isHeld ? 0 : exitFatal;
}

class Daemon {
  readonly #log: HostLog;
  readonly #options: Options;
  readonly #lateLines: LateTimerLog;
  readonly #unknownRouters: UnknownRouters;
  readonly #thread: OwnThread;
  readonly #clock: HostClock;
  readonly #requests: RouteRequests;
  readonly #kernel: HostKernel;
  readonly #control: Worker;
  readonly #loop: ProtocolLoop;
  readonly #bfd: BfdWatch;
  readonly #routing: Routing;
  #end: (exitCode: number) => void = () => {};
  #stopped: () => void = () => {};
  #isStopping = false;
  #patience: Timer | null = null;

  constructor(options: Options, log: HostLog, config: Config) {
    this.#log = log;
    this.#options = options;
    this.#lateLines = new LateTimerLog(log, () => this.#clock.nowMs());
    this.#clock = new HostClock({ late: (lateMs) => this.#timerLate(lateMs), lateThresholdMs });
    this.#requests = new RouteRequests(this.#clock, openRouteSocket);
    this.#kernel = new HostKernel(this.#clock, this.#requests);
    this.#thread = new OwnThread({ giveWay, takePrecedence, runOn }, log, usualThread);
    this.#unknownRouters = new UnknownRouters(this.#clock, log);
    leaveOthersAsUsual();
    // Before the control thread makes its own.
    const hadPredecessor = existsSync(operatorSocketPath(options.place));
    this.#control = new Worker(new URL('./control-thread.js', import.meta.url), {
      workerData: options,
    });
    this.#loop = this.#openLoop();
    this.#bfd = this.#openBfd();
    this.#routing = this.#openRouting(hadPredecessor);
    this.#followThreads(config.operations.threads);
  }

  /** Behind the start of other threads, which would have the same CPUs. */
  #followThreads({ protocol }: ThreadsConfig): void {
    this.#thread.follow(protocol);
    this.#clock.lateThresholdMs = Math.min(lateThresholdMs, protocol.autoDelayMs);
  }

  #timerLate(lateMs: number): void {
    this.#thread.late(lateMs);
    if (lateMs > lateThresholdMs) this.#lateLines.late(lateMs);
  }

  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => {
      this.#end = resolve;
    });
    this.#followSignals();
    this.#followControlThread();
    this.#loop.start();
    this.#measure();
    const exitCode = await ended;
    await this.#control.terminate();
    return exitCode;
  }

  #openLoop(): ProtocolLoop {
    const clock = this.#clock;
    const kernel = this.#kernel;
    const packets = new HostPackets(
      (error) => this.#log.write('warning', describePacketError(error)),
      ({ family, interface: name }, virtualRouterId) =>
        this.#unknownRouters.heard({ family, interface: name ?? '', virtualRouterId }),
    );
    return new ProtocolLoop({
      clock,
      epochMs: calendarNowMs,
      kernel,
      kernelObjects: new HostKernelObjects(clock, this.#requests),
      packets,
      log: this.#log,
      connectDataplane: (path, closed) =>
        DataplaneClient.connect(path, clock, connectTimeoutMs, closed),
      kernelOwner: (interfaceName) =>
        new KernelAddressOwner({
          interfaceName,
          kernel,
          packets,
          announcementFrame,
          log: this.#log,
        }),
      dataplaneOwner: (plane, holder, device) => new DataplaneAddressOwner(plane, holder, device),
      report: (fact) => {
        this.#routing.vrrp(fact);
        this.#tellControlThread({ type: 'vrrp_changed', fact });
      },
      lives: (what, isAlive) => this.#routing[what](isAlive),
      heardLower: (instance) => this.#tellControlThread({ type: 'lower_priority_heard', instance }),
      leftLate: (instance, lateMs) => this.#lateLines.advertLeftLate(instance, lateMs),
    });
  }

  #openBfd(): BfdWatch {
    return new BfdWatch({
      clock: this.#clock,
      random: hostRandom,
      datagrams: new HostHopDatagrams((error) =>
        this.#log.write('warning', describePacketError(error)),
      ),
      log: this.#log,
      learn: (facts) => this.#loop.learn(facts),
      tell: (news) => this.#tellControlThread({ type: 'bfd_changed', news }),
    });
  }

  #openRouting(hadPredecessor: boolean): Routing {
    return new Routing({
      clock: this.#clock,
      random: hostRandom,
      tcp: new HostTcpSessions(),
      kernel: this.#kernel,
      log: this.#log,
      hostName: hostname(),
      isRestarting: hadPredecessor,
      // The data plane outlives the daemon.
      isForwarding: hadPredecessor,
      wantBfd: (wanted, changed) => this.#bfd.want('bgp', wanted, changed),
      answer: (message) => this.#tellControlThread(message),
      bgpChanged: (facts) => this.#tellControlThread({ type: 'bgp_changed', facts }),
    });
  }

  #tellControlThread(message: ToControlThread): void {
    this.#control.postMessage(message);
  }

  #followSignals(): void {
    process.on('SIGTERM', () => void this.#stop('SIGTERM'));
    process.on('SIGINT', () => {
      if (!this.#options.ignoresInterrupt) void this.#stop('SIGINT');
    });
    process.on('SIGPIPE', () => {});
    this.#onSignal(signalNumbers.RELOAD, () => {
      this.#tellServiceManager('RELOADING=1');
      this.#tellControlThread({ type: 'reload' });
    });
    this.#onSignal(signalNumbers.DATA, () => this.#dump('data'));
    this.#onSignal(signalNumbers.STATS, () => this.#dump('stats'));
    this.#onSignal(signalNumbers.JSON, () => this.#dump('json'));
    this.#onSignal(signalNumbers.STATS_CLEAR, () => {
      this.#dump('stats');
      this.#loop.clearCounters();
    });
  }

  #onSignal(number: number, arrived: () => void): void {
    const watched = onSignal(number, arrived);
    if (watched.isErr()) this.#log.write('error', `signal ${number}: ${watched.error}`);
  }

  #dump(request: DumpRequest): void {
    this.#tellControlThread({ type: 'dump', request, vrrp: this.#loop.facts() });
  }

  #tellServiceManager(state: ServiceState): void {
    notifyServiceManager(state, (sentence) => this.#log.write('warning', sentence));
  }

  #followControlThread(): void {
    this.#control.on('message', (message: ToProtocolLoop) => {
      switch (message.type) {
        case 'configured':
          this.#followThreads(message.threads);
          this.#unknownRouters.configure(message.logsUnknownRouters, message.instances);
          this.#loop.configure(
            message.instances,
            message.dataplaneSocket,
            message.garpRates,
            message.startupDelayMs,
          );
          break;
        case 'bfd':
          this.#bfd.configure(message.instances);
          break;
        case 'bgp':
          void this.#routing.configure(message.instances, message.hostIdentifier);
          break;
        case 'drains':
        case 'announcement_plan':
        case 'service_facts':
        case 'why_asked':
        case 'announcements_asked':
          this.#routing.hear(message);
          break;
        case 'load_ended':
          this.#tellServiceManager('READY=1');
          break;
        case 'tracked':
          this.#loop.learn(message.facts);
          break;
        case 'link_delays':
          this.#loop.delayLinks(message.delays);
          break;
        case 'heartbeat':
          this.#loop.heartbeat();
          this.#bfd.heartbeat();
          break;
        case 'start_failed':
          void this.#loop.stop().then(() => this.#end(message.exitCode));
          break;
        case 'end_delayed':
          this.#allow(message.byMs + stopTimeoutMs);
          break;
        case 'stopped':
          this.#stopped();
          break;
      }
    });
    this.#control.on('error', (error) => {
      this.#log.write('error', `The control thread ended: ${error.stack ?? error.message}`);
      void this.#loop.stop().then(() => this.#end(exitFatal));
    });
  }

  /** Addresses first, so that the backup takes over at once; then the services. */
  async #stop(signal: string): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#tellServiceManager('STOPPING=1');
    this.#log.write('info', `Stopping on ${signal}`);
    await this.#routing.shutDownGracefully();
    await Promise.all([
      this.#loop.stop({ keepsAddresses: this.#options.keepsAddresses }),
      this.#stopRouting(),
    ]);
    const answered = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    this.#allow(stopTimeoutMs);
    this.#tellControlThread({ type: 'stop' });
    await answered;
    this.#end(0);
  }

  /** A router that hears of BFD first would take the stop for a failure: it hears why before. */
  async #stopRouting(): Promise<void> {
    const hasToldBoth = this.#routing.isWatchedByBfd;
    await this.#routing.stop();
    if (hasToldBoth) {
      await new Promise<void>((resolve) => this.#clock.setTimer(beforeBfdMs, resolve));
    }
    await this.#bfd.stop();
  }

  /** The end waits so much longer, from now on. */
  #allow(durationMs: number): void {
    this.#patience?.cancel();
    this.#patience = this.#clock.setTimer(durationMs, () => this.#stopped());
  }

  #measure(): void {
    this.#tellControlThread({
      type: 'measured',
      vrrp: this.#loop.facts(),
      bfd: this.#bfd.news(),
      bgp: this.#routing.facts(),
      lateness: this.#clock.lateness(),
    });
    this.#clock.setTimer(measureIntervalMs, () => this.#measure());
  }
}
