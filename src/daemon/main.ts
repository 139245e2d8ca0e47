// `keepalived`: arguments, threads, signals, exit codes. The main thread becomes the protocol loop.
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { genhash } from '../cli/genhash/genhash.js';
import { finish, type Outcome } from '../cli/tool.js';
import { versionText } from '../cli/version.js';
import { keywordTree } from '../config/keyword-tree.js';
import { HostClock } from '../host/clock.js';
import { isStartedAsWanted } from '../host/garbage-collection.js';
import { onSignal } from '../host/signals.js';
import { startInBackground } from './background.js';
import { runDaemon } from './daemon.js';
import { enterNamespace, startAnew } from './namespace.js';
import { helpText } from './option-table.js';
import { type Options, parseOptions, signalNumbers } from './options.js';
import { planOf } from './plan-command.js';
import { planText } from './plan-report.js';
import { check, readHostConfig } from './read-config.js';
import { settledOptions } from './settled-options.js';

const exitUsage = 1;

function finished(outcome: Outcome): number {
  finish(outcome);
  return outcome.exitCode;
}

async function main(): Promise<number> {
  const [first, ...words] = process.argv.slice(2);
  if (first === '--genhash' || first === '-T') return finished(await genhash(words));
  const command = parseOptions(process.argv.slice(2), process.env);
  if (command.isErr()) {
    process.stderr.write(`${command.error.text}\n`);
    return exitUsage;
  }
  switch (command.value.type) {
    case 'help':
      process.stdout.write(helpText);
      return 0;
    case 'version':
      process.stdout.write(versionText('keepalived'));
      return 0;
    case 'dump_keywords':
      process.stdout.write(`${JSON.stringify(keywordTree(), null, 2)}\n`);
      return 0;
    case 'signal_number':
      process.stdout.write(`${command.value.number}\n`);
      return 0;
    case 'run':
      return run(command.value.options);
  }
}

async function run(options: Options): Promise<number> {
  const isDaemon = options.foreground && options.configTest === null && options.plan === null;
  if (isDaemon && !isStartedAsWanted(process.execArgv)) return fail([startAnew()], exitUsage);
  process.stderr.write(options.remarks.map((remark) => `${remark}\n`).join(''));
  if (options.plan !== null) return showPlan(options, options.plan);
  if (options.foreground && options.configTest === null) surviveEarlySignals();
  const read = readHostConfig(options.configFile, options);
  const checked = check(read);
  if (options.configTest !== null) {
    const { file } = options.configTest;
    const report = checked.lines.map((line) => `${line}\n`).join('');
    if (file === null) process.stderr.write(report);
    else appendFileSync(file, report, { mode: 0o644 });
    return checked.testExitCode;
  }
  if (read.isErr()) return fail(checked.lines, checked.startExitCode);
  const settled = settledOptions(options, read.value.config.operations);
  if (settled.namespace !== null) {
    const entered = enterNamespace(settled.namespace);
    if (entered.isErr()) return fail([`keepalived: ${entered.error}`], exitUsage);
    // Only inside can be told which interfaces there are: the file is read again there.
    if (entered.value === 'entered') {
      return options.foreground ? fail([startAnew()], exitUsage) : background();
    }
  }
  if (checked.startExitCode !== 0) return fail(checked.lines, checked.startExitCode);
  return options.foreground ? runDaemon(settled, read.value.config) : background();
}

/**
 * Before the daemon listens for them, SIGUSR1 would start Node's inspector and the others would end
 * the process.
 */
function surviveEarlySignals(): void {
  const { RELOAD, DATA, STATS, STATS_CLEAR, JSON: json } = signalNumbers;
  for (const number of [RELOAD, DATA, STATS, STATS_CLEAR, json]) {
    const watched = onSignal(number, () => {});
    if (watched.isErr()) process.stderr.write(`keepalived: signal ${number}: ${watched.error}\n`);
  }
}

function fail(lines: readonly string[], exitCode: number): number {
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  return exitCode;
}

function background(): Promise<number> {
  return startInBackground(fileURLToPath(import.meta.url), new HostClock());
}

/** 0, or what `-t` would end with where a reload would be refused. */
async function showPlan(options: Options, format: 'text' | 'json'): Promise<number> {
  const read = readHostConfig(options.configFile, options);
  const report = await planOf(read, options.place, new HostClock());
  const { lines, testExitCode } = check(read);
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  if (report.isErr()) return testExitCode;
  const isText = format === 'text';
  process.stdout.write(isText ? planText(report.value) : `${JSON.stringify(report.value)}\n`);
  return 0;
}

process.exit(await main());
