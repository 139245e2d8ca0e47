// One run of the daemon in the foreground: pid files, the threads, the signals, an ordered end.
import { mkdirSync, rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { DataplaneAddressOwner } from '../dataplane/address-owner.js';
import { DataplaneClient } from '../dataplane/client.js';
import { gratuitousArpFrame } from '../ha/gratuitous-arp.js';
import { describeLateTimer, HostClock } from '../host/clock.js';
import { HostKernel } from '../host/kernel.js';
import { KernelAddressOwner } from '../host/kernel-address-owner.js';
import { HostKernelObjects } from '../host/kernel-objects.js';
import { HostLog } from '../host/log.js';
import { HostPackets } from '../host/packets.js';
import { HostProcesses } from '../host/processes.js';
import { RouteRequests } from '../host/route-requests.js';
import { openRouteSocket } from '../host/sockets.js';
import { describePacketError } from '../ports/packets.js';
import { describeProcessError } from '../ports/processes.js';
import { measureIntervalMs, type ToControlThread, type ToProtocolLoop } from './messages.js';
import { logOptions, type Options } from './options.js';
import { daemonPidPath, operatorSocketPath } from './paths.js';
import { ProtocolLoop } from './protocol-loop.js';

const exitFatal = 1;
const connectTimeoutMs = 2_000;
/** A control thread that hangs must not keep the daemon from ending. */
const stopTimeoutMs = 5_000;

/** Runs until SIGTERM, SIGINT or a fatal error; answers with the exit code. */
export async function runDaemon(options: Options): Promise<number> {
  const log = new HostLog(logOptions(options));
  const processes = new HostProcesses();
  const pidFiles = [daemonPidPath(options.place), options.pidFile].filter((path) => path !== null);
  mkdirSync(options.place.runtimeDirectory, { recursive: true, mode: 0o700 });
  for (const [index, path] of pidFiles.entries()) {
    const claimed = processes.claimPidFile(path);
    if (claimed.isOk()) continue;
    log.write('error', `daemon is already running: ${describeProcessError(claimed.error)}`);
    process.stderr.write(`keepalived: ${describeProcessError(claimed.error)}\n`);
    for (const own of pidFiles.slice(0, index)) processes.releasePidFile(own);
    return exitFatal;
  }
  log.write('info', `Starting Keelson, pid ${process.pid}, configuration ${options.configFile}`);
  const exitCode = await new Daemon(options, log).run();
  for (const path of pidFiles) processes.releasePidFile(path);
  rmSync(operatorSocketPath(options.place), { force: true });
  log.write('info', 'Stopped Keelson');
  return exitCode;
}

class Daemon {
  readonly #log: HostLog;
  readonly #clock: HostClock;
  readonly #control: Worker;
  readonly #loop: ProtocolLoop;
  #end: (exitCode: number) => void = () => {};
  #stopped: () => void = () => {};
  #isStopping = false;

  constructor(options: Options, log: HostLog) {
    this.#log = log;
    this.#clock = new HostClock({
      late: (lateMs) => log.write('warning', describeLateTimer(lateMs)),
    });
    this.#control = new Worker(new URL('./control-thread.js', import.meta.url), {
      workerData: options,
    });
    this.#loop = this.#openLoop();
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
    const requests = new RouteRequests(clock, openRouteSocket);
    const kernel = new HostKernel(clock, requests);
    const packets = new HostPackets((error) =>
      this.#log.write('warning', describePacketError(error)),
    );
    return new ProtocolLoop({
      clock,
      kernel,
      kernelObjects: new HostKernelObjects(clock, requests),
      packets,
      log: this.#log,
      connectDataplane: (path, closed) =>
        DataplaneClient.connect(path, clock, connectTimeoutMs, closed),
      kernelOwner: (interfaceName) =>
        new KernelAddressOwner({
          interfaceName,
          kernel,
          packets,
          gratuitousArpFrame,
          log: this.#log,
        }),
      dataplaneOwner: (plane, holder, device) => new DataplaneAddressOwner(plane, holder, device),
      report: (fact) => this.#tellControlThread({ type: 'vrrp_changed', fact }),
    });
  }

  #tellControlThread(message: ToControlThread): void {
    this.#control.postMessage(message);
  }

  #followSignals(): void {
    process.on('SIGHUP', () => this.#tellControlThread({ type: 'reload' }));
    process.on('SIGTERM', () => void this.#stop('SIGTERM'));
    process.on('SIGINT', () => void this.#stop('SIGINT'));
    process.on('SIGPIPE', () => {});
    // Node would start its inspector.
    process.on('SIGUSR1', () => this.#log.write('info', 'Status: see `keelson status`'));
  }

  #followControlThread(): void {
    this.#control.on('message', (message: ToProtocolLoop) => {
      switch (message.type) {
        case 'configured':
          this.#loop.configure(message.instances, message.dataplaneSocket);
          break;
        case 'heartbeat':
          this.#loop.heartbeat();
          break;
        case 'start_failed':
          void this.#loop.stop().then(() => this.#end(message.exitCode));
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
    this.#log.write('info', `Stopping on ${signal}`);
    await this.#loop.stop();
    const answered = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    const late = new Promise<void>((resolve) => this.#clock.setTimer(stopTimeoutMs, resolve));
    this.#tellControlThread({ type: 'stop' });
    await Promise.race([answered, late]);
    this.#end(0);
  }

  #measure(): void {
    this.#tellControlThread({
      type: 'measured',
      vrrp: this.#loop.facts(),
      lateness: this.#clock.lateness(),
    });
    this.#clock.setTimer(measureIntervalMs, () => this.#measure());
  }
}
