// `keepalived`: arguments, threads, signals, exit codes. The main thread becomes the protocol loop.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { versionText } from '../cli/version.js';
import { keywordTree } from '../config/keyword-tree.js';
import { HostClock } from '../host/clock.js';
import { runDaemon } from './daemon.js';
import { helpText } from './option-table.js';
import { type Options, parseOptions } from './options.js';
import { planOf } from './plan-command.js';
import { planText } from './plan-report.js';
import { check, checkConfig, readHostConfig } from './read-config.js';

const exitUsage = 1;

async function main(): Promise<number> {
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
  process.stderr.write(options.remarks.map((remark) => `${remark}\n`).join(''));
  if (options.plan !== null) return showPlan(options, options.plan);
  const checked = checkConfig(options.configFile, options);
  if (options.configTest !== null) {
    const { file } = options.configTest;
    const report = checked.lines.map((line) => `${line}\n`).join('');
    if (file === null) process.stderr.write(report);
    else appendFileSync(file, report, { mode: 0o644 });
    return checked.testExitCode;
  }
  if (checked.startExitCode !== 0) {
    process.stderr.write(checked.lines.map((line) => `${line}\n`).join(''));
    return checked.startExitCode;
  }
  return options.foreground ? runDaemon(options) : startInBackground();
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

/** keepalived forks into the background; Node cannot fork, so it starts itself again with -n. */
function startInBackground(): number {
  const program = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [program, '--dont-fork', ...process.argv.slice(2)], {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return 0;
}

process.exit(await main());
