// The data plane process, `dpvs`: the addon behind a socket. It runs on while clients come and go,
// and ends by SIGTERM, SIGINT or a client's `close`.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { err, ok, type Result } from 'neverthrow';
import { versionText } from '../cli/version.js';
import type { DataplaneConfig } from '../config/dataplane.js';
import { type Diagnostic, formatDiagnostic, levelOf } from '../config/diagnostic.js';
import {
  type Checked,
  check,
  checkConfig,
  readHostConfig,
  readHostDpvsConf,
} from '../daemon/read-config.js';
import { HostClock } from '../host/clock.js';
import type { Log } from '../ports/log.js';
import { applyChanges } from './apply.js';
import { type Dataplane, describeDataplaneError } from './dataplane.js';
import { openOptions, portState } from './desired.js';
import { NativeDataplane } from './native.js';
import { type ConfigChoice, helpText, type Options, parseOptions } from './options.js';
import { OversizeWatch } from './oversize-watch.js';
import { filePrefix, socketPath } from './paths.js';
import { plan } from './plan.js';
import { RateWatch } from './rate-watch.js';
import { DataplaneServer } from './server.js';
import { describeSocketFileError, reasonOf } from './socket-file.js';
import { SourcePortWatch } from './source-port-watch.js';
import { standaloneConfig } from './standalone.js';

const exitCodes = { fatal: 1, config: 2 } as const;

/** What ends the process before its time: a sentence and an exit code. */
type Failure = { readonly sentence: string; readonly exitCode: number };

const log: Log = { write: (_level, line) => void process.stderr.write(`dpvs: ${line}\n`) };

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2), process.env);
  if (parsed.isErr()) {
    log.write('error', `${parsed.error.reason} (see dpvs --help)`);
    return exitCodes.fatal;
  }
  if (parsed.value.type === 'run') {
    const { options } = parsed.value;
    return options.isTest ? testConfig(options) : run(options);
  }
  process.stdout.write(parsed.value.type === 'help' ? helpText : versionText('dpvs'));
  return 0;
}

function testConfig({ config }: Options): number {
  if (config === null) return 0;
  if (config.format === 'dpvs') warn(config.eal.warnings);
  const { lines, testExitCode } = checked(config);
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  return testExitCode;
}

function checked({ format, path }: ConfigChoice): Checked {
  if (format === 'keepalived') return checkConfig(path, hostLines);
  return check(readHostDpvsConf(path));
}

async function run(options: Options): Promise<number> {
  const config = options.config === null ? ok(null) : configOf(options.config);
  if (config.isErr()) return complain(config.error);
  const dataplane = NativeDataplane.load();
  if (dataplane.isErr()) return complain(fatal(describeDataplaneError(dataplane.error)));
  const ending = new Ending();
  const path = socketPath(options.place);
  const clock = new HostClock();
  const server = await DataplaneServer.listen({
    dataplane: dataplane.value,
    path,
    pid: process.pid,
    clock,
    log,
    ended: () => ending.reach('closed'),
  });
  if (server.isErr()) return complain(fatal(describeSocketFileError(server.error)));
  const started = await start(dataplane.value, options, config.value);
  if (started.isOk()) log.write('notice', `serving at ${path}`);
  const truncated = (): number | null => dataplane.value.truncatedFrames();
  const watch = new OversizeWatch({ clock, log, truncated });
  const sourcePortWatch = new SourcePortWatch({
    clock,
    log,
    sources: () => dataplane.value.sources(),
    ports: () => dataplane.value.portStatus(),
  });
  const rateWatch = new RateWatch(clock, (nowMs) => dataplane.value.sampleRates(nowMs));
  const reason = started.isOk() ? await ending.reached : 'failed';
  watch.stop();
  rateWatch.stop();
  sourcePortWatch.stop();
  await server.value.close();
  const closed = reason === 'closed' ? ok() : await dataplane.value.close();
  removePid(options.pidFile);
  if (started.isErr()) return complain(started.error);
  return closed.isErr() ? complain(fatal(describeDataplaneError(closed.error))) : 0;
}

async function start(
  dataplane: Dataplane,
  options: Options,
  config: DataplaneConfig | null,
): Promise<Result<void, Failure>> {
  const written = writePid(options.pidFile);
  if (written.isErr() || config === null) return written;
  const opened = await dataplane.open(openOptions(config, filePrefix(options.place)));
  if (opened.isErr()) return err(fatal(describeDataplaneError(opened.error)));
  const running = await dataplane.running();
  if (running.isErr()) return err(fatal(describeDataplaneError(running.error)));
  // Services are the daemon's and ipvsadm's; what is there already stays.
  const changes = plan(running.value, { ...running.value, ...portState(config) });
  const applied = await applyChanges(dataplane, changes, log);
  return applied.isErr() ? err(fatal(describeDataplaneError(applied.error))) : ok();
}

/** Lines of this host, and includes that may be missing: what keepalived takes without options. */
const hostLines = { configId: null, requiresAll: false } as const;

function configOf(choice: ConfigChoice): Result<DataplaneConfig, Failure> {
  return choice.format === 'dpvs' ? readDpvs(choice) : readBlock(choice.path);
}

/** What is wrong is left out, as DPVS does, unless it is fatal. */
function readDpvs({
  path,
  eal,
}: Extract<ConfigChoice, { readonly format: 'dpvs' }>): Result<DataplaneConfig, Failure> {
  const read = readHostDpvsConf(path);
  const diagnostics = read.isOk() ? read.value.diagnostics : [read.error];
  tell(diagnostics);
  const isFatal = diagnostics.some(({ severity }) => severity === 'fatal');
  if (read.isErr() || isFatal) return err(unusable(path));
  warn(eal.warnings);
  const standalone = standaloneConfig(read.value.conf, eal);
  if (standalone.isErr()) return err({ ...unusable(path), sentence: standalone.error });
  warn(standalone.value.warnings);
  return ok(standalone.value.config);
}

function readBlock(path: string): Result<DataplaneConfig, Failure> {
  const read = readHostConfig(path, hostLines, null);
  const diagnostics = read.isOk() ? read.value.diagnostics : [read.error];
  tell(diagnostics);
  const isWrong = diagnostics.some((one) => levelOf(one) === 'error');
  if (read.isErr() || isWrong) return err(unusable(path));
  const { dataplane } = read.value.config;
  return dataplane === null
    ? err({ ...unusable(path), sentence: `${path} has no dataplane block` })
    : ok(dataplane);
}

function tell(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    log.write(levelOf(diagnostic), formatDiagnostic(diagnostic));
  }
}

function warn(sentences: readonly string[]): void {
  for (const sentence of sentences) log.write('warning', sentence);
}

function unusable(path: string): Failure {
  return { sentence: `${path} cannot be used`, exitCode: exitCodes.config };
}

function writePid(path: string): Result<void, Failure> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${process.pid}\n`, { mode: 0o644 });
    return ok();
  } catch (error) {
    return err(fatal(`cannot write ${path}: ${reasonOf(error)}`));
  }
}

/** Best effort: what is left of it names a process that is gone. */
function removePid(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    log.write('warning', `cannot remove ${path}: ${reasonOf(error)}`);
  }
}

/** Why the process ends, once there is a reason. */
class Ending {
  readonly reached: Promise<'closed' | 'signalled'>;
  #reach: (reason: 'closed' | 'signalled') => void = () => {};

  constructor() {
    this.reached = new Promise((resolve) => {
      this.#reach = resolve;
    });
    process.on('SIGTERM', () => this.reach('signalled'));
    process.on('SIGINT', () => this.reach('signalled'));
    // The terminal that it was started from may go.
    process.on('SIGHUP', () => {});
  }

  reach(reason: 'closed' | 'signalled'): void {
    this.#reach(reason);
  }
}

function fatal(sentence: string): Failure {
  return { sentence, exitCode: exitCodes.fatal };
}

function complain({ sentence, exitCode }: Failure): number {
  log.write('error', sentence);
  return exitCode;
}

// Not exitCode: a thread of the addon must not keep a process alive that has nothing left to do.
process.exit(await main());
